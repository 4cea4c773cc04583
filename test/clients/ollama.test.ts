import assert from "node:assert/strict";
import { Ollama, type ChatResponse } from "ollama";
import { startCli, type RunningCli } from "../support/cli.ts";
import { within } from "../support/deadline.ts";
import {
  json,
  sse,
  startFakeProvider,
  textChunks,
  type FakeProvider,
} from "../support/fake-provider.ts";

const KEY = "sk-test-of-the-provider";
const messages = [{ role: "user", content: "Hi" }];

/** The official client, as it comes from npm, against the command line on real sockets. */
describe("the ollama package", () => {
  let provider: FakeProvider;
  let cli: RunningCli;
  let ollama: Ollama;

  before(async () => {
    provider = await startFakeProvider();
    cli = await startCli([], {
      env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: provider.baseUrl },
    });
    ollama = new Ollama({ host: cli.url, headers: { authorization: "Bearer of-the-client" } });
  });

  beforeEach(() => {
    provider.answer = sse(textChunks("Hello", " world"));
    provider.requests.length = 0;
  });

  after(async () => {
    await cli.stop();
    await provider.close();
  });

  it("learns a version of plain digits", async () => {
    const { version } = await ollama.version();
    assert.match(version, /^\d+\.\d+\.\d+$/);
  });

  it("lists the provider's models", async () => {
    const { models } = await ollama.list();
    assert.deepEqual(
      models.map(({ name, size, digest }) => ({ name, size, digest: digest.length })),
      [{ name: "gpt-test:latest", size: 0, digest: 64 }],
    );
  });

  it("shows a model", async () => {
    const shown = await ollama.show({ model: "gpt-test" });
    assert.deepEqual(shown.capabilities, ["completion", "tools", "insert"]);
    assert.equal(shown.details.family, "gpt");
  });

  it("sees a model as running once it was used, and no more when it is unloaded", async () => {
    await ollama.chat({ model: "gpt-test", messages: [], keep_alive: 0 });
    assert.deepEqual((await ollama.ps()).models, []);
    await ollama.chat({ model: "gpt-test", messages: [], keep_alive: "10m" });
    const [running] = (await ollama.ps()).models;
    assert.equal(running?.name, "gpt-test:latest");
    assert.equal(provider.requests.length, 0, "loading asks nobody");
  });

  it("chats in a stream", async () => {
    const parts: ChatResponse[] = [];
    const stream = await ollama.chat({ model: "gpt-test", messages, stream: true });
    for await (const part of stream) parts.push(part);
    assert.equal(parts.map(({ message }) => message.content).join(""), "Hello world");
    const last = parts.at(-1);
    assert.deepEqual(
      [last?.done, last?.done_reason, last?.prompt_eval_count, last?.eval_count],
      [true, "stop", 7, 2],
    );
    assert.ok((last?.total_duration ?? 0) > 0);
  });

  it("chats in one piece", async () => {
    provider.answer = json({
      choices: [{ message: { role: "assistant", content: "Hello." }, finish_reason: "length" }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    const answer = await ollama.chat({ model: "gpt-test", messages });
    assert.equal(answer.message.content, "Hello.");
    assert.equal(answer.done_reason, "length");
  });

  it("generates in a stream and in one piece", async () => {
    let text = "";
    const stream = await ollama.generate({ model: "gpt-test", prompt: "Hi", stream: true });
    for await (const part of stream) text += part.response ?? "";
    assert.equal(text, "Hello world");
    const { response } = await ollama.generate({ model: "gpt-test", prompt: "Hi", system: "S" });
    assert.equal(response, "Hello world");
    assert.deepEqual((provider.requests.at(-1)?.body as { messages: unknown }).messages, [
      { role: "system", content: "S" },
      { role: "user", content: "Hi" },
    ]);
  });

  it("sends its options on, and the provider's key instead of its own", async () => {
    const options = { temperature: 0.1, num_predict: 5, num_ctx: 2048 };
    await ollama.chat({ model: "gpt-test", messages, options });
    const [request] = provider.requests;
    assert.deepEqual(request?.body, {
      model: "gpt-test",
      stream: false,
      temperature: 0.1,
      max_tokens: 5,
      messages,
    });
    assert.equal(request.headers.authorization, `Bearer ${KEY}`);
  });

  it("hangs up the provider's call when it aborts", async () => {
    provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const data of textChunks("One").slice(0, 2)) response.write(`data: ${data}\n\n`);
    };
    const stream = await ollama.chat({ model: "gpt-test", messages, stream: true });
    await assert.rejects(async () => {
      for await (const part of stream) {
        assert.equal(part.message.content, "One");
        ollama.abort();
      }
    }, /abort/i);
    const [request] = provider.requests;
    assert.ok(request);
    await within("the provider's connection closes", request.aborted);
  });

  it("is told an unknown model in Ollama's words", async () => {
    await assert.rejects(ollama.chat({ model: "nope", messages }), {
      message: "model 'nope' not found",
      status_code: 404,
    });
  });

  it("is told what the provider said when it refuses", async () => {
    provider.answer = json({ error: { message: "Too many of them" } }, { status: 429 });
    await assert.rejects(ollama.chat({ model: "gpt-test", messages }), {
      message: "local: Too many of them (HTTP 429). It is a rate limit: wait, or ask less often.",
      status_code: 429,
    });
  });

  it("throws when the answer breaks off", async () => {
    provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${textChunks("One")[1] ?? ""}\n\n`);
      setImmediate(() => response.destroy());
    };
    const stream = await ollama.chat({ model: "gpt-test", messages, stream: true });
    await assert.rejects(async () => {
      for await (const part of stream) assert.equal(part.done, false);
    }, /closed the connection/);
  });
});
