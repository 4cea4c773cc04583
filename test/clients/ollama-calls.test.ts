import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ollama } from "ollama";
import { startCli, type RunningCli } from "../support/cli.ts";
import { eventually, within } from "../support/deadline.ts";
import { startFakeProvider, textChunks, type FakeProvider } from "../support/fake-provider.ts";

const KEY = "key-of-the-provider-0123456789";
const TOKEN = "token-of-the-bridge-0123456789";
const model = "gpt-test";
const messages = [{ role: "user", content: "Hi" }];

describe("what the ollama package says reaches the provider", () => {
  let folder: string;
  let provider: FakeProvider;
  let cli: RunningCli;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "llama-bridge-client-"));
    provider = await startFakeProvider();
    const config = join(folder, "bridge.json");
    writeFileSync(config, JSON.stringify({ accessTokenEnv: "BRIDGE_TOKEN" }));
    const flags = ["--config", config, "--base-url", provider.baseUrl, "--log-level", "trace"];
    cli = await startCli(flags, { env: { OPENAI_API_KEY: KEY, BRIDGE_TOKEN: TOKEN } });
  });

  afterEach(async () => {
    await cli.stop();
    await provider.close();
    rmSync(folder, { recursive: true });
  });

  const withToken = () => new Ollama({ host: `${cli.url}/t/${TOKEN}` });
  const chatCall = () => provider.requests.find(({ path }) => path.includes("/chat/"));

  it("with the provider's key on every call and nothing that the client sent to identify itself", async () => {
    const authorization = `Bearer ${TOKEN}`;
    const ollama = new Ollama({ host: cli.url, headers: { authorization, "x-api-key": TOKEN } });
    await ollama.list();
    await ollama.chat({ model, messages });
    await ollama.generate({ model, prompt: "Hi" });
    assert.ok(provider.requests.length >= 3);
    for (const { headers, path } of provider.requests) {
      assert.equal(headers.authorization, `Bearer ${KEY}`, path);
      assert.doesNotMatch(JSON.stringify(headers), new RegExp(TOKEN), path);
    }
    await cli.stop();
    assert.match(cli.stderr(), /request done route="POST \/api\/generate"/);
    assert.doesNotMatch(cli.stderr(), new RegExp(`${TOKEN}|${KEY}`));
  });

  it("through a host that ends in the access token, which stays out of the log", async () => {
    const { message } = await withToken().chat({ model, messages });
    assert.equal(message.content, "Hello world");
    await assert.rejects(new Ollama({ host: `${cli.url}/t/wrong` }).list(), { status_code: 401 });
    await assert.rejects(new Ollama({ host: cli.url }).list(), { status_code: 401 });
    await cli.stop();
    assert.match(cli.stderr(), /route="GET \/api\/tags" status=401/);
    assert.doesNotMatch(cli.stderr(), new RegExp(TOKEN));
  });

  it("with the options that OpenAI knows and without those that are Ollama's own", async () => {
    const known = { temperature: 0, top_p: 0.5, seed: 7, stop: ["END", "\n\n"] };
    const penalties = { presence_penalty: 0.25, frequency_penalty: -0.5 };
    const own = { num_ctx: 4096, top_k: 40, min_p: 0.1, repeat_penalty: 1.1, num_predict: -1 };
    const options = { ...known, ...penalties, ...own };
    await withToken().chat({ model, messages, options, format: "json" });
    assert.deepEqual(chatCall()?.body, {
      model,
      messages: [
        { role: "system", content: "Answer with one JSON object and nothing else." },
        ...messages,
      ],
      stream: false,
      response_format: { type: "json_object" },
      ...known,
      ...penalties,
    });
  });

  it("until the client aborts, also before the first word", async () => {
    provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": still thinking\n\n");
    };
    const ollama = new Ollama({
      host: `${cli.url}/t/${TOKEN}`,
      fetch: (input, init) => fetch(input, { ...init, signal: hangUp.signal }),
    });
    const hangUp = new AbortController();
    const answer = ollama.chat({ model, messages, stream: true });
    await eventually("the provider is asked", () => chatCall() !== undefined);
    hangUp.abort();
    await assert.rejects(answer, { name: "AbortError" });
    const call = chatCall();
    assert.ok(call);
    await within("the provider's connection closes", call.aborted);
  });

  it("while another stream of the same client goes on after one was aborted", async () => {
    const open: (() => void)[] = [];
    provider.answer = (response) => {
      const [role = "", text = "", ...rest] = textChunks("One").map((data) => `data: ${data}\n\n`);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(role + text);
      open.push(() => response.end(rest.join("")));
    };
    const ollama = withToken();
    const first = await ollama.chat({ model, messages, stream: true });
    const second = await ollama.chat({ model, messages, stream: true });
    first.abort();
    const [aborted] = provider.requests.filter(({ path }) => path.includes("/chat/"));
    assert.ok(aborted);
    await within("the first call's connection closes", aborted.aborted);
    open[1]?.();
    let text = "";
    for await (const part of second) text += part.message.content;
    assert.equal(text, "One");
  });
});
