import assert from "node:assert/strict";
import OpenAI, { APIError } from "openai";
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

type Message = OpenAI.ChatCompletionMessageParam;

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: { type: "object", properties: { city: { type: "string" } } },
    },
  },
];

const user = (content: string): Message => ({ role: "user", content });

describe("the openai package on /v1", () => {
  let scene: Scene;
  let client: OpenAI;

  before(async () => {
    scene = await openScene();
    client = new OpenAI({ baseURL: `${scene.url}/v1`, apiKey: "of-the-client", maxRetries: 0 });
  });

  after(() => scene.close());

  const create = (content: string, more: object = {}) =>
    client.chat.completions.create({ model: MODEL, messages: [user(content)], ...more });

  it("chats, with counts, under the name that was asked for", async () => {
    const answer = await client.chat.completions.create({
      model: "GPT-strict:latest",
      messages: [user(SAY.hello)],
    });
    assert.equal(answer.choices[0]?.message.content, HELLO);
    assert.equal(answer.model, "GPT-strict:latest");
    assert.equal(answer.usage?.total_tokens, 13);
  });

  it("streams, with the usage when it is asked for", async () => {
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: [user(SAY.hello)],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let total: number | undefined;
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? "";
      total = usage?.total_tokens ?? total;
    }
    assert.deepEqual([text, total], [HELLO, 13]);
  });

  it("passes on what Ollama itself drops: tool_choice and max_completion_tokens", async () => {
    await create(SAY.hello, { tools, tool_choice: "required", max_completion_tokens: 50 });
    assert.equal(scene.last()["tool_choice"], "required");
    assert.equal(scene.last()["max_tokens"], 50);
  });

  it("calls tools in a stream and gives their results back", async () => {
    const runner = client.chat.completions.stream({
      model: MODEL,
      messages: [user(SAY.weather)],
      tools,
    });
    const asked = await runner.finalChatCompletion();
    const message = asked.choices[0]?.message;
    const calls = message?.tool_calls ?? [];
    assert.equal(asked.choices[0]?.finish_reason, "tool_calls");
    assert.deepEqual(
      calls.map((call) =>
        call.type === "function" ? (JSON.parse(call.function.arguments) as unknown) : "",
      ),
      CITIES,
    );
    const results = calls.map(({ id }): Message => ({
      role: "tool",
      tool_call_id: id,
      content: "?",
    }));
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: [user(SAY.weather), message as Message, ...results],
      tools,
    });
    assert.equal(answer.choices[0]?.message.content, FORECAST);
  });

  it("shows images, answers in a schema, and thinks", async () => {
    const image = await client.chat.completions.create({
      model: MODEL,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: SAY.image },
            { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
          ],
        },
      ],
    });
    assert.equal(image.choices[0]?.message.content, "a pixel");
    const schema = { type: "object", properties: { age: { type: "integer" } } };
    const response_format = { type: "json_schema", json_schema: { name: "person", schema } };
    const person = (await create(SAY.person, { response_format })) as OpenAI.ChatCompletion;
    assert.match(person.choices[0]?.message.content ?? "", /"Ann"/);
    const thought = (await create(SAY.think, { reasoning_effort: "low" })) as OpenAI.ChatCompletion;
    const message = thought.choices[0]?.message as unknown as Record<string, unknown>;
    for (const name of ["reasoning", "reasoning_content", "reasoning_text"]) {
      assert.equal(message[name], THOUGHT);
    }
  });

  it("embeds: the package asks for base64 by itself", async () => {
    const { data } = await client.embeddings.create({ model: EMBEDDER, input: ["a", "bcd"] });
    assert.deepEqual(
      data.map(({ embedding }) => embedding),
      [
        [1, 1],
        [3, 1],
      ],
    );
  });

  it("completes, with a hole and without", async () => {
    const plain = await client.completions.create({ model: MODEL, prompt: "Once" });
    assert.equal(plain.choices[0]?.text, "a + b");
    const stream = await client.completions.create({
      model: MODEL,
      prompt: "return ",
      suffix: ";\n",
      stream: true,
    });
    let text = "";
    for await (const { choices } of stream) text += choices[0]?.text ?? "";
    assert.equal(text, "a + b");
    assert.equal(scene.last()["suffix"], ";\n");
  });

  it("lists models, and retrieves one whose id has a slash", async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    assert.ok(ids.includes(`${MODEL}:latest`));
    assert.equal((await client.models.retrieve("vendor/slashed")).id, "vendor/slashed");
  });

  it("tells what went wrong, with the status", async () => {
    const fails = async (work: Promise<unknown>, status: number, message: RegExp) => {
      await assert.rejects(work, (error) => {
        assert.ok(error instanceof APIError);
        assert.equal(error.status, status);
        assert.match(error.message, message);
        return true;
      });
    };
    await fails(create(SAY.wrongKey), 401, /Incorrect API key/);
    await fails(create(SAY.busy), 429, /Rate limit/);
    const messages = [user(SAY.hello)];
    await fails(
      client.chat.completions.create({ model: "nope", messages }),
      404,
      /'nope' not found/,
    );
    await fails(client.models.retrieve("nope"), 404, /'nope' not found/);
  });

  it("tells in the stream when an answer breaks off, and does not end it cleanly", async () => {
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: [user(SAY.breakOff)],
      stream: true,
    });
    let text = "";
    await assert.rejects(async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    }, /out of memory/);
    assert.equal(text, "Half");
  });

  it("is let go by the provider when it hangs up", async () => {
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: [user(SAY.wait)],
      stream: true,
    });
    const request = scene.provider.requests.at(-1);
    stream.controller.abort();
    await within("the provider sees it", request?.aborted ?? Promise.reject(new Error()), 5000);
  });
});
