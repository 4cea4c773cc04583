import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { continueBundle } from "./continue-bundle.ts";
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

interface Message {
  role: string;
  content: string | object[];
  toolCalls?: { id?: string; type?: string; function?: { name?: string; arguments?: string } }[];
  toolCallId?: string;
}

/** What these tests call of Continue's class. */
interface Llm {
  contextLength: number;
  streamChat(messages: Message[], signal: AbortSignal, options?: object): AsyncIterable<Message>;
  streamFim(
    prefix: string,
    suffix: string,
    signal: AbortSignal,
    options?: object,
  ): AsyncIterable<string>;
  streamComplete(prompt: string, signal: AbortSignal, options?: object): AsyncIterable<string>;
  supportsFim(): boolean;
  listModels(): Promise<string[]>;
  embed(chunks: string[]): Promise<number[][]>;
}

type LlmClass = new (options: {
  model: string;
  apiBase: string;
  capabilities: { uploadImage: boolean };
}) => Llm;

const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: { type: "object", properties: { city: { type: "string" } } },
    },
  },
];

describe("Continue's own Ollama class (@continuedev/core 1.1.0)", function () {
  // The first run fetches and bundles it.
  this.timeout(120_000);
  let scene: Scene;
  let Ollama: LlmClass;
  let home: string;
  const { signal } = new AbortController();

  before(async () => {
    // It keeps a folder of its own below the home folder.
    home = mkdtempSync(join(tmpdir(), "llama-bridge-continue-"));
    process.env["CONTINUE_GLOBAL_DIR"] = home;
    const bundle = createRequire(import.meta.url)(await continueBundle()) as { default: LlmClass };
    Ollama = bundle.default;
    scene = await openScene();
  });

  after(async () => {
    await scene.close();
    delete process.env["CONTINUE_GLOBAL_DIR"];
    rmSync(home, { recursive: true });
  });

  const open = (model = MODEL) =>
    new Ollama({
      model,
      apiBase: `${scene.url}/`,
      // It guesses from the model's name, and its users say it in their configuration.
      capabilities: { uploadImage: true },
    });

  async function chat(llm: Llm, messages: Message[], options = {}): Promise<Message[]> {
    const answer: Message[] = [];
    for await (const message of llm.streamChat(messages, signal, options)) answer.push(message);
    return answer;
  }

  const textOf = (answer: Message[]) =>
    answer.map(({ content }) => (typeof content === "string" ? content : "")).join("");

  it("chats", async () => {
    assert.equal(textOf(await chat(open(), [{ role: "user", content: SAY.hello }])), HELLO);
  });

  it("calls tools, and sends results without the calls that they answer", async () => {
    const question = { role: "user", content: SAY.weather };
    const asked = await chat(open(), [question], { tools });
    const toolCalls = asked.flatMap((message) => message.toolCalls ?? []);
    assert.deepEqual(
      toolCalls.map((call) => JSON.parse(call.function?.arguments ?? "") as unknown),
      CITIES,
    );
    const results = toolCalls.map(({ id = "" }) => ({
      role: "tool",
      content: "?",
      toolCallId: id,
    }));
    const answer = await chat(open(), [
      question,
      { role: "assistant", content: " ", toolCalls },
      ...results,
    ]);
    assert.equal(textOf(answer), FORECAST);
  });

  it("shows images", async () => {
    const content = [
      { type: "text", text: SAY.image },
      { type: "imageUrl", imageUrl: { url: `data:image/png;base64,${PNG}` } },
    ];
    assert.equal(textOf(await chat(open(), [{ role: "user", content }])), "a pixel");
  });

  it("fills holes by suffix once it has seen the template, and by tokens", async () => {
    const llm = open();
    await chat(llm, [{ role: "user", content: SAY.hello }]);
    assert.equal(llm.supportsFim(), true);
    let text = "";
    for await (const piece of llm.streamFim("return ", ";\n}\n", signal)) text += piece;
    assert.equal(text, "a + b");
    assert.equal(scene.last()["suffix"], ";\n}\n");
    text = "";
    const prompt = "<fim_prefix>return <fim_suffix>;\n}\n<fim_middle>";
    for await (const piece of llm.streamComplete(prompt, signal, { raw: true })) text += piece;
    assert.equal(text, "a + b");
  });

  it("lists models and embeds", async () => {
    assert.ok((await open().listModels()).includes(`${MODEL}:latest`));
    const vectors = await open(EMBEDDER).embed(["a", "bcd"]);
    assert.deepEqual(
      vectors.map((vector) => vector.length),
      [2, 2],
    );
  });

  it("tells what went wrong", async () => {
    const ask = (content: string) => chat(open(), [{ role: "user", content }]);
    await assert.rejects(ask(SAY.wrongKey), /Incorrect API key/);
    await assert.rejects(ask(SAY.breakOff), /out of memory/);
    await assert.rejects(chat(open("nope"), [{ role: "user", content: "Hi" }]), /404/);
  });
});
