import assert from "node:assert/strict";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOllama, Ollama, OllamaEmbeddings } from "@langchain/ollama";
import * as z from "zod";
import {
  CITIES,
  EMBEDDER,
  FORECAST,
  HELLO,
  MODEL,
  openScene,
  PNG,
  SAY,
  type Scene,
} from "./scene.ts";

const weather = tool(({ city }: { city: string }) => city, {
  name: "get_weather",
  description: "Weather of a city",
  schema: z.object({ city: z.string() }),
});

describe("@langchain/ollama", () => {
  let scene: Scene;
  let model: ChatOllama;

  before(async () => {
    scene = await openScene();
    model = new ChatOllama({ baseUrl: scene.url, model: MODEL });
  });

  after(() => scene.close());

  it("chats, in one piece and in a stream, with counts", async () => {
    const answer = await model.invoke(SAY.hello);
    assert.equal(answer.content, HELLO);
    const usage = answer.usage_metadata as Record<string, unknown> | undefined;
    assert.deepEqual([usage?.["input_tokens"], usage?.["output_tokens"]], [9, 4]);
    let text = "";
    for await (const chunk of await model.stream(SAY.hello)) text += chunk.text;
    assert.equal(text, HELLO);
  });

  it("calls tools and gives their results back without ids", async () => {
    const bound = model.bindTools([weather]);
    const question = new HumanMessage(SAY.weather);
    const asked = await bound.invoke([question]);
    assert.deepEqual(
      asked.tool_calls?.map(({ args }) => args),
      CITIES,
    );
    const results = (asked.tool_calls ?? []).map(
      ({ id = "", args }) => new ToolMessage({ content: String(args["city"]), tool_call_id: id }),
    );
    const answer = await bound.invoke([question, asked, ...results]);
    assert.equal(answer.content, FORECAST);
  });

  it("shows images", async () => {
    const content = [
      { type: "text", text: SAY.image },
      { type: "image_url", image_url: `data:image/png;base64,${PNG}` },
    ];
    assert.equal((await model.invoke([new HumanMessage({ content })])).content, "a pixel");
  });

  it("answers in a schema", async () => {
    const person = z.object({ name: z.string(), age: z.number() });
    const structured = model.withStructuredOutput(person, { method: "jsonSchema" });
    assert.deepEqual(await structured.invoke(SAY.person), { name: "Ann", age: 7 });
  });

  it("completes and embeds", async () => {
    const llm = new Ollama({ baseUrl: scene.url, model: MODEL });
    assert.equal(await llm.invoke(SAY.hello), HELLO);
    const embeddings = new OllamaEmbeddings({ baseUrl: scene.url, model: EMBEDDER });
    const vectors = await embeddings.embedDocuments(["a", "bcd"]);
    assert.deepEqual(
      vectors.map((vector) => vector.length),
      [2, 2],
    );
  });

  it("thinks", async () => {
    const thinking = new ChatOllama({ baseUrl: scene.url, model: MODEL, think: true });
    const answer = await thinking.invoke(SAY.think);
    assert.equal(answer.content, HELLO);
    assert.equal(answer.additional_kwargs["reasoning_content"], "Let me think.");
  });

  it("tells what went wrong", async () => {
    await assert.rejects(model.invoke(SAY.wrongKey), /Incorrect API key/);
    await assert.rejects(model.invoke(SAY.breakOff), /out of memory/);
    const unknown = new ChatOllama({ baseUrl: scene.url, model: "nope", maxRetries: 0 });
    await assert.rejects(unknown.invoke(SAY.hello), /model 'nope' not found/);
  });
});
