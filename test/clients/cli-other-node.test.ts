import assert from "node:assert/strict";
import { once } from "node:events";
import { Ollama } from "ollama";
import { runCli, startCli } from "../support/cli.ts";
import { eventually, within } from "../support/deadline.ts";
import { startFakeProvider, textChunks, type FakeProvider } from "../support/fake-provider.ts";
import { findOtherNode } from "../support/other-node.ts";
import { askChat } from "../support/running-bridge.ts";

const HELLO = { model: "gpt-test", messages: [{ role: "user", content: "Hi" }] };
const other = findOtherNode();

describe("the command line on the system's own Node", () => {
  if (other === undefined) {
    it("is not tried: no other Node from 20.18 on is on the PATH");
    return;
  }

  const { path: node, version } = other;
  let provider: FakeProvider;

  beforeEach(async () => {
    provider = await startFakeProvider();
  });

  afterEach(async () => {
    await provider.close();
  });

  const start = () =>
    startCli(["--base-url", provider.baseUrl], { node, env: { OPENAI_API_KEY: "the-key" } });

  it(`lists and chats with a provider, streamed and not, and stops (${version})`, async () => {
    const cli = await start();
    try {
      const ollama = new Ollama({ host: cli.url });
      assert.deepEqual(
        (await ollama.list()).models.map(({ name }) => name),
        ["gpt-test:latest"],
      );
      let text = "";
      for await (const part of await ollama.chat({ ...HELLO, stream: true })) {
        text += part.message.content;
      }
      assert.equal(text, "Hello world");
      const whole = await ollama.chat(HELLO);
      assert.deepEqual([whole.message.content, whole.eval_count], ["Hello world", 2]);
      assert.equal(provider.requests.at(-1)?.headers.authorization, "Bearer the-key");
    } finally {
      assert.equal(await cli.stop(), 0);
    }
    assert.doesNotMatch(cli.stderr(), /ExperimentalWarning|DeprecationWarning/);
  });

  it(`hangs up on the provider when the client leaves (${version})`, async () => {
    provider.answer = endless;
    const cli = await start();
    try {
      const hangUp = new AbortController();
      const response = await askChat(cli.url, hangUp.signal);
      assert.equal(response.status, 200);
      hangUp.abort();
      const call = provider.requests.find(({ path }) => path.endsWith("/chat/completions"));
      assert.ok(call);
      await within("the provider's connection closes", call.aborted);
    } finally {
      await cli.stop();
    }
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`ends a stream with an error line within 5 s of ${signal} (${version})`, async () => {
      provider.answer = endless;
      const cli = await start();
      const response = await askChat(cli.url);
      const exited = once(cli.process, "exit");
      cli.process.kill(signal);
      assert.deepEqual(await within("the bridge ends", exited, 5000), [0, null]);
      assert.match(await response.text(), /"content":"Hello".*\n\{"error":"[^"]+"\}\n$/);
    });
  }

  it(`explains wrong use as it does elsewhere (${version})`, async () => {
    for (const [args, message] of Object.entries(WRONG)) {
      const { code, stdout, stderr } = await runCli(["serve", ...args.split(" ")], { node });
      assert.deepEqual([code, stdout], [2, ""], args);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
    }
  });

  it(`has help and a version (${version})`, async () => {
    for (const flag of ["--help", "--version"]) {
      const { code, stdout, stderr } = await runCli([flag], { node });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /\S\n$/);
    }
  });

  it(`frees its port when it stops (${version})`, async () => {
    const cli = await start();
    const taken = await runCli(["serve", "--port", String(cli.port)], { node });
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, new RegExp(`Port ${cli.port} on 127\\.0\\.0\\.1 is taken`));
    await cli.stop();
    await eventually("nobody answers", () =>
      fetch(cli.url).then(
        () => false,
        () => true,
      ),
    );
  });
});

const WRONG: Record<string, RegExp> = {
  "--config /nowhere/bridge.json": /ENOENT.*Check the path/,
  "--config .": /EISDIR/,
  "--host 0.0.0.0": /"host" is "0\.0\.0\.0".*Use 127\.0\.0\.1/,
  "--base-url http://provider.example/v1": /clear text.*allowInsecureHttp/,
  "--port 65536": /number from 0 to 65535/,
  "--log-level loud": /Allowed choices are trace/,
  "--nonsense": /unknown option '--nonsense'/,
};

function endless(response: Parameters<FakeProvider["answer"]>[0]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(`data: ${textChunks("Hello")[1] ?? ""}\n\n`);
}
