import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli, startCli } from "../support/cli.ts";
import { within } from "../support/deadline.ts";
import { startFakeProvider, textChunks } from "../support/fake-provider.ts";

const KEY = "sk-CANARY-0123456789";
const TOKEN = "token-CANARY-0123456789";

async function chat(url: string, model: string): Promise<string> {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }] });
  const response = await fetch(`${url}/api/chat`, { method: "POST", body });
  return await response.text();
}

async function names(url: string): Promise<string[]> {
  const response = await fetch(`${url}/api/tags`);
  const { models } = (await response.json()) as { models: { name: string }[] };
  return models.map(({ name }) => name);
}

describe("the command line", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "llama-bridge-cli-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const config = (content: unknown) => {
    const file = join(folder, "bridge.json");
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return file;
  };

  it("serves the demo model without any configuration", async () => {
    const cli = await startCli();
    try {
      assert.deepEqual(await names(cli.url), ["demo:latest"]);
      assert.match(await chat(cli.url, "demo"), /"done":true/);
      assert.equal(cli.stdout(), `Llama Bridge listening on ${cli.url}\n`);
    } finally {
      assert.equal(await cli.stop(), 0);
    }
  });

  it("serves the providers of a config file, each with its own key", async () => {
    const one = await startFakeProvider(undefined, { models: ["a/one", "both"] });
    const two = await startFakeProvider(undefined, { models: ["two:7b", "both"] });
    const providers = [
      { id: "one", baseUrl: one.baseUrl, apiKeyEnv: "KEY_ONE" },
      { id: "two", baseUrl: `${two.baseUrl}/chat/completions` },
    ];
    const file = config({ providers, retry: { attempts: 3 }, cache: { mode: "off" } });
    const cli = await startCli(["--config", file], { env: { KEY_ONE: KEY } });
    try {
      assert.deepEqual((await names(cli.url)).sort(), [
        "a/one:latest",
        "one/both:latest",
        "two/both:latest",
        "two:7b",
      ]);
      assert.match(await chat(cli.url, "a/one"), /Hello/);
      assert.match(await chat(cli.url, "two:7b"), /Hello/);
      assert.equal(one.requests.at(-1)?.headers.authorization, `Bearer ${KEY}`);
      assert.equal(two.requests.at(-1)?.headers.authorization, undefined);
    } finally {
      await cli.stop();
      await one.close();
      await two.close();
    }
  });

  it("takes one provider from its flags", async () => {
    const provider = await startFakeProvider();
    const flags = ["--base-url", provider.baseUrl, "--api-key-env", "MY_KEY"];
    const cli = await startCli(flags, { env: { MY_KEY: KEY } });
    try {
      assert.match(await chat(cli.url, "gpt-test"), /"done_reason":"stop"/);
      assert.equal(provider.requests.at(-1)?.headers.authorization, `Bearer ${KEY}`);
    } finally {
      await cli.stop();
      await provider.close();
    }
  });

  it("logs to a file instead of stderr, without the key", async () => {
    const provider = await startFakeProvider((response, { headers }) => {
      response.writeHead(401).end(JSON.stringify({ error: `bad key: ${headers.authorization}` }));
    });
    const file = join(folder, "bridge.log");
    const flags = ["--base-url", provider.baseUrl, "--log-file", file, "--log-level", "trace"];
    const cli = await startCli(flags, { env: { OPENAI_API_KEY: KEY } });
    const answer = await chat(cli.url, "gpt-test");
    assert.equal(await cli.stop(), 0);
    await provider.close();
    assert.match(answer, /bad key/);
    assert.doesNotMatch(answer, /CANARY/);
    assert.equal(cli.stderr(), "");
    const log = readFileSync(file, "utf8");
    assert.match(log, /request failed route="POST \/api\/chat"/);
    assert.match(log, /bridge stopped/);
    assert.doesNotMatch(log, /CANARY/);
  });

  it("asks for the access token where one is set", async () => {
    const file = config({ accessTokenEnv: "BRIDGE_TOKEN" });
    const flags = ["--config", file, "--log-level", "trace"];
    const cli = await startCli(flags, { env: { BRIDGE_TOKEN: TOKEN } });
    try {
      const status = async (path: string, headers = {}) =>
        (await fetch(cli.url + path, { headers })).status;
      assert.equal(await status("/api/tags"), 401);
      assert.equal(await status("/api/tags", { authorization: "Bearer wrong" }), 401);
      assert.equal(await status("/api/tags", { authorization: `Bearer ${TOKEN}` }), 200);
      assert.equal(await status("/api/tags", { "x-api-key": TOKEN }), 200);
      assert.equal(await status(`/t/${TOKEN}/api/tags`), 200);
    } finally {
      await cli.stop();
    }
    assert.doesNotMatch(cli.stderr(), /CANARY/);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`ends within 5 s of ${signal}, and tells who is listening`, async () => {
      const provider = await startFakeProvider((response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(`data: ${textChunks("Hello")[1] ?? ""}\n\n`);
      });
      const cli = await startCli(["--base-url", provider.baseUrl]);
      const answer = chat(cli.url, "gpt-test");
      await within("the provider is asked", asked(provider));
      const exited = new Promise((resolve) => cli.process.once("exit", resolve));
      cli.process.kill(signal);
      assert.equal(await within(`the bridge ends after ${signal}`, exited, 5000), 0);
      assert.match(await answer, /\{"error":"Llama Bridge is stopping\."\}\n$/);
      await provider.close();
    });
  }

  describe("explains in one line on stderr, and with exit code 2,", () => {
    const cases: Record<string, [args: () => string[], message: RegExp]> = {
      "a config file that is not there": [
        () => ["--config", "/nowhere/bridge.json"],
        /config file \/nowhere\/bridge\.json cannot be read \(ENOENT\)/,
      ],
      "a config file that is a folder": [() => ["--config", folder], /cannot be read \(EISDIR\)/],
      "a config file that is not JSON": [() => ["--config", config("{")], /is not JSON/],
      "an unknown setting": [
        () => ["--config", config({ retry: { atempts: 2 } })],
        /"retry\.atempts" is not a setting/,
      ],
      "a setting of a wrong type": [
        () => ["--config", config({ port: "11434" })],
        /"port" is not valid: .*expected number/,
      ],
      "an address that others can reach": [() => ["--host", "0.0.0.0"], /"host" is "0\.0\.0\.0"/],
      "a provider without encryption": [
        () => ["--base-url", "http://provider.example/v1"],
        /http:\/\/provider\.example would send the key .* in clear text/,
      ],
      "a base URL that is none": [() => ["--base-url", "sk-oops"], /not a base URL/],
      "a key's variable that is not set": [
        () => ["--api-key-env", "NOT_SET"],
        /environment variable NOT_SET, which is not set/,
      ],
      "an access token's variable that is not set": [
        () => ["--config", config({ accessTokenEnv: "NOT_SET" })],
        /NOT_SET, which is not set/,
      ],
      "a port that is none": [() => ["--port", "http"], /number from 0 to 65535/],
      "an unknown flag": [() => ["--prot", "1"], /unknown option '--prot'/],
      "an unknown log level": [() => ["--log-level", "loud"], /Allowed choices/],
    };
    for (const [name, [args, message]] of Object.entries(cases)) {
      it(name, async () => {
        const { code, stdout, stderr } = await runCli(["serve", ...args()]);
        assert.equal(code, 2);
        assert.equal(stdout, "");
        assert.match(stderr, message);
        assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
        assert.equal(stderr.trim().split("\n").length, 1, stderr);
      });
    }

    it("a port that is taken", async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const { code, stderr } = await runCli(["serve", "--port", String(port)]);
      server.close();
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`llama-bridge: Port ${port} on 127\\.0\\.0\\.1 is taken`));
    });
  });

  it("has help and a version", async () => {
    const help = await runCli(["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /serve/);
    const serveHelp = await runCli(["serve", "--help"]);
    assert.equal(serveHelp.code, 0);
    assert.match(serveHelp.stdout, /--config <file>/);
    const version = await runCli(["--version"]);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

async function asked({ requests }: { requests: { path: string }[] }): Promise<void> {
  while (!requests.some(({ path }) => path.endsWith("/chat/completions"))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
