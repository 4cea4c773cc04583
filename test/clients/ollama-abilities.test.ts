import assert from "node:assert/strict";
import { Ollama, type Message } from "ollama";
import { within } from "../support/deadline.ts";
import {
  CITIES,
  EMBEDDER,
  FORECAST,
  HELLO,
  MODEL,
  openScene,
  PNG,
  SAY,
  THOUGHT,
  type Scene,
} from "./scene.ts";

const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

const user = (content: string): Message => ({ role: "user", content });

describe("the ollama package, at work with a strict provider", () => {
  let scene: Scene;
  let ollama: Ollama;

  before(async () => {
    scene = await openScene();
    ollama = new Ollama({ host: scene.url });
  });

  after(() => scene.close());

  it("calls tools and gives their results back", async () => {
    const messages = [user(SAY.weather)];
    const { message } = await ollama.chat({ model: MODEL, messages, tools });
    assert.deepEqual(
      message.tool_calls?.map(({ function: called }) => called.arguments),
      CITIES,
    );
    const results = CITIES.map(({ city }) => ({
      role: "tool",
      content: city,
      tool_name: "get_weather",
    }));
    const answer = await ollama.chat({
      model: MODEL,
      messages: [...messages, message, ...results],
      tools,
    });
    assert.equal(answer.message.content, FORECAST);
  });

  it("calls tools in a stream, one in each line, and forgets their ids", async () => {
    const stream = await ollama.chat({
      model: MODEL,
      messages: [user(SAY.weather)],
      tools,
      stream: true,
    });
    const calls: unknown[] = [];
    for await (const { message } of stream) {
      assert.ok((message.tool_calls?.length ?? 0) < 2);
      calls.push(...(message.tool_calls ?? []).map((call) => call.function.arguments));
    }
    assert.deepEqual(calls, CITIES);
    const plain = CITIES.map((city) => ({ function: { name: "get_weather", arguments: city } }));
    const history = [
      user(SAY.weather),
      { role: "assistant", content: "", tool_calls: plain },
      ...CITIES.map(({ city }) => ({ role: "tool", content: city })),
    ];
    const { message } = await ollama.chat({ model: MODEL, messages: history, tools });
    assert.equal(message.content, FORECAST);
  });

  it("shows images, from base64 or bytes", async () => {
    for (const image of [PNG, new Uint8Array(Buffer.from(PNG, "base64"))]) {
      const messages = [{ ...user(SAY.image), images: [image] as string[] | Uint8Array[] }];
      const { message } = await ollama.chat({ model: MODEL, messages });
      assert.equal(message.content, "a pixel");
    }
    const { response } = await ollama.generate({ model: MODEL, prompt: SAY.image, images: [PNG] });
    assert.equal(response, "a pixel");
  });

  it("thinks, or is asked not to", async () => {
    const messages = [user(SAY.think)];
    const { message } = await ollama.chat({ model: MODEL, messages, think: true });
    assert.deepEqual([message.thinking, message.content], [THOUGHT, HELLO]);
    assert.equal(scene.last()["reasoning_effort"], "medium");
    let thinking = "";
    for await (const line of await ollama.chat({ model: MODEL, messages, stream: true })) {
      thinking += line.message.thinking ?? "";
    }
    assert.equal(thinking, THOUGHT);
    const without = await ollama.chat({ model: MODEL, messages, think: false });
    assert.equal(without.message.thinking, undefined);
    const generated = await ollama.generate({ model: MODEL, prompt: SAY.think, think: "high" });
    assert.deepEqual([generated.thinking, generated.response], [THOUGHT, HELLO]);
  });

  it("answers in a schema, and in JSON", async () => {
    const format = { type: "object", properties: { age: { type: "integer" } } };
    const { message } = await ollama.chat({ model: MODEL, messages: [user(SAY.person)], format });
    assert.deepEqual(JSON.parse(message.content), { name: "Ann", age: 7 });
    assert.deepEqual(scene.last()["response_format"], {
      type: "json_schema",
      json_schema: { name: "schema", schema: format },
    });
    const generated = await ollama.generate({ model: MODEL, prompt: SAY.person, format: "json" });
    assert.equal((JSON.parse(generated.response ?? "") as { age: number }).age, 7);
  });

  it("embeds one text or many", async () => {
    const { embeddings } = await ollama.embed({ model: EMBEDDER, input: ["a", "bcd"] });
    assert.deepEqual(
      embeddings.map((vector) => vector.length),
      [2, 2],
    );
    assert.ok(Math.abs(Math.hypot(...(embeddings[1] ?? [])) - 1) < 1e-9);
    const { embedding } = await ollama.embeddings({ model: EMBEDDER, prompt: "abc" });
    assert.deepEqual(embedding, [3, 1]);
  });

  it("fills holes, by suffix or by tokens", async () => {
    const native = await ollama.generate({ model: MODEL, prompt: "return ", suffix: ";\n}\n" });
    assert.equal(native.response, "a + b");
    const prompt = "<fim_prefix>return <fim_suffix>;\n}\n<fim_middle>";
    const raw = await ollama.generate({
      model: MODEL,
      prompt,
      raw: true,
      options: { num_predict: 30 },
    });
    assert.equal(raw.response, "a + b");
    assert.equal(scene.last()["max_tokens"], 30);
  });

  it("continues from a context", async () => {
    const { context } = await ollama.generate({ model: MODEL, prompt: SAY.hello });
    await ollama.generate({ model: MODEL, prompt: "Again.", context });
    assert.deepEqual(scene.last()["messages"], [
      user(SAY.hello),
      { role: "assistant", content: HELLO },
      user("Again."),
    ]);
  });

  it("makes, copies, pulls and deletes models", async () => {
    const { status } = await ollama.create({ model: "mine", from: MODEL, system: "Be brief." });
    assert.equal(status, "success");
    await ollama.copy({ source: "mine", destination: "yours" });
    const names = (await ollama.list()).models.map(({ name }) => name);
    assert.ok(names.includes("mine:latest") && names.includes("yours:latest"));
    const { message } = await ollama.chat({ model: "yours", messages: [user(SAY.hello)] });
    assert.equal(message.content, HELLO);
    assert.deepEqual((scene.last()["messages"] as object[])[0], {
      role: "system",
      content: "Be brief.",
    });
    for (const model of ["mine", "yours"]) await ollama.delete({ model });
    assert.equal((await ollama.pull({ model: MODEL })).status, "success");
    await assert.rejects(ollama.pull({ model: "nope" }), /file does not exist/);
    await assert.rejects(ollama.push({ model: MODEL }), /push is not supported/);
  });

  it("tells what went wrong in the provider's words", async () => {
    const ask = (content: string) => ollama.chat({ model: MODEL, messages: [user(content)] });
    await assert.rejects(ask(SAY.wrongKey), /Incorrect API key/);
    await assert.rejects(ask(SAY.busy), { status_code: 429 });
    const stream = await ollama.chat({
      model: MODEL,
      messages: [user(SAY.breakOff)],
      stream: true,
    });
    await assert.rejects(async () => {
      for await (const line of stream) assert.equal(line.done, false);
    }, /out of memory/);
  });

  it("is let go by the provider when it hangs up", async () => {
    const stream = await ollama.chat({ model: MODEL, messages: [user(SAY.wait)], stream: true });
    const request = scene.provider.requests.at(-1);
    stream.abort();
    await within(
      "the provider sees the hang-up",
      request?.aborted ?? Promise.reject(new Error()),
      5000,
    );
  });
});
