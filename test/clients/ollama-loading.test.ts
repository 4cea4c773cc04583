import assert from "node:assert/strict";
import { Ollama } from "ollama";
import { startCli, type RunningCli } from "../support/cli.ts";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";

const model = "gpt-test";
const messages = [{ role: "user", content: "Hi" }];

/** Nothing is loaded anywhere; clients warm models up and look at `ps` all the same. */
describe("the ollama package loads and unloads", () => {
  let provider: FakeProvider;
  let cli: RunningCli;
  let ollama: Ollama;

  beforeEach(async () => {
    provider = await startFakeProvider();
    cli = await startCli(["--base-url", provider.baseUrl]);
    ollama = new Ollama({ host: cli.url });
  });

  afterEach(async () => {
    await cli.stop();
    await provider.close();
  });

  const running = async () => (await ollama.ps()).models.map(({ name }) => name);
  const chatCalls = () => provider.requests.filter(({ path }) => path.includes("/chat/"));

  it("a model by chatting with it, and no other way", async () => {
    await ollama.list();
    await ollama.show({ model });
    assert.deepEqual(await running(), []);
    await ollama.chat({ model, messages });
    assert.deepEqual(await running(), ["gpt-test:latest"]);
  });

  it("a model by generating in a stream", async () => {
    const stream = await ollama.generate({ model, prompt: "Hi", stream: true });
    for await (const part of stream) assert.equal(part.model, model);
    assert.deepEqual(await running(), ["gpt-test:latest"]);
  });

  it("a model by an empty chat, for as long as it says", async () => {
    const before = Date.now();
    const loaded = await ollama.chat({ model, messages: [], keep_alive: "10m" });
    assert.deepEqual([loaded.done, loaded.done_reason], [true, "load"]);
    assert.equal(loaded.message.content, "");
    const [entry] = (await ollama.ps()).models;
    const left = new Date(entry?.expires_at ?? NaN).getTime() - before;
    assert.ok(600_000 <= left && left < 620_000, `${left} ms left`);
    assert.equal(chatCalls().length, 0, "the provider is not asked");
  });

  it("a model by an empty prompt, streamed or not", async () => {
    const loaded = await ollama.generate({ model, prompt: "" });
    assert.deepEqual([loaded.response, loaded.done_reason], ["", "load"]);
    const parts = [];
    const stream = await ollama.generate({ model, prompt: "", stream: true });
    for await (const part of stream) parts.push(part.done_reason);
    assert.deepEqual(parts, ["load"]);
    assert.equal(chatCalls().length, 0, "the provider is not asked");
  });

  it("with keep_alive 0, so that ps is empty again", async () => {
    await ollama.chat({ model, messages });
    const unloaded = await ollama.generate({ model, prompt: "", keep_alive: 0 });
    assert.equal(unloaded.done_reason, "unload");
    assert.deepEqual(await running(), []);
    await ollama.chat({ model, messages });
    assert.equal((await ollama.chat({ model, messages: [], keep_alive: 0 })).done_reason, "unload");
    assert.deepEqual(await running(), []);
  });

  it("nothing for an unknown model, in each call with Ollama's own words", async () => {
    const missing = { message: "model 'nope' not found", status_code: 404 };
    await assert.rejects(ollama.chat({ model: "nope", messages: [] }), missing);
    await assert.rejects(ollama.chat({ model: "nope", messages, stream: true }), missing);
    await assert.rejects(ollama.generate({ model: "nope", prompt: "" }), missing);
    await assert.rejects(ollama.show({ model: "nope" }), {
      message: "model 'nope:latest' not found",
      status_code: 404,
    });
    assert.deepEqual(await running(), []);
  });
});
