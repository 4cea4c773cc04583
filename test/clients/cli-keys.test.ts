import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli, startCli, type RunningCli } from "../support/cli.ts";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";

describe("the command line gives a key", () => {
  let folder: string;
  let one: FakeProvider;
  let two: FakeProvider;
  let cli: RunningCli | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "llama-bridge-keys-"));
    one = await startFakeProvider(undefined, { models: ["model-one"] });
    two = await startFakeProvider(undefined, { models: ["model-two"] });
  });

  afterEach(async () => {
    await cli?.stop();
    cli = undefined;
    await one.close();
    await two.close();
    rmSync(folder, { recursive: true });
  });

  const config = (providers: object[]) => {
    const file = join(folder, "bridge.json");
    writeFileSync(file, JSON.stringify({ providers }));
    return file;
  };

  async function ask(args: string[], env: Record<string, string>): Promise<void> {
    cli = await startCli(args, { env });
    await (await fetch(`${cli.url}/api/tags`)).text();
  }

  const keysAt = ({ requests }: FakeProvider) => [
    ...new Set(requests.map(({ headers }) => headers.authorization)),
  ];

  it("of OPENAI_API_KEY to OPENAI_BASE_URL", async () => {
    await ask([], { OPENAI_BASE_URL: one.baseUrl, OPENAI_API_KEY: "key-one" });
    assert.deepEqual(keysAt(one), ["Bearer key-one"]);
  });

  it("to the provider of the flags, in front of those of the config file", async () => {
    const file = config([{ id: "two", baseUrl: two.baseUrl, apiKeyEnv: "KEY_TWO" }]);
    const flags = ["--config", file, "--base-url", one.baseUrl, "--api-key-env", "KEY_ONE"];
    await ask(flags, { KEY_ONE: "key-one", KEY_TWO: "key-two" });
    assert.deepEqual(keysAt(one), ["Bearer key-one"]);
    assert.deepEqual(keysAt(two), ["Bearer key-two"]);
  });

  it("without the blanks and line breaks that a shell or a file leaves around it", async () => {
    await ask(["--base-url", one.baseUrl], { OPENAI_API_KEY: " key-one\n" });
    assert.deepEqual(keysAt(one), ["Bearer key-one"]);
  });

  it("of the environment to no provider of a config file that did not ask for it", async () => {
    await ask(["--config", config([{ id: "two", baseUrl: two.baseUrl }])], {
      OPENAI_API_KEY: "key-one",
    });
    assert.deepEqual(keysAt(two), [undefined]);
  });

  it("never to another provider that was given the same id", async () => {
    const file = config([
      { id: "same", baseUrl: one.baseUrl, apiKeyEnv: "KEY_ONE" },
      { id: "same", baseUrl: two.baseUrl, apiKeyEnv: "KEY_TWO" },
    ]);
    const env = { KEY_ONE: "key-one", KEY_TWO: "key-two" };
    await ask(["--config", file], env).catch((error: unknown) => {
      assert.match(String(error), /"?same"?/, "refusing is as good, if it names the id");
    });
    assert.ok(!keysAt(one).includes("Bearer key-two"), "the first provider saw the second's key");
    assert.ok(!keysAt(two).includes("Bearer key-one"), "the second provider saw the first's key");
  });

  it("nowhere when the base URL of one provider is wrong, and says which one", async () => {
    const file = config([
      { id: "one", baseUrl: one.baseUrl, apiKeyEnv: "KEY_ONE" },
      { id: "second-one", baseUrl: "provider.example/v1" },
    ]);
    const { code, stdout, stderr } = await runCli(["serve", "--port", "0", "--config", file], {
      env: { KEY_ONE: "key-one" },
    });
    assert.deepEqual([code, stdout, one.requests.length], [2, "", 0]);
    assert.match(stderr, /second-one|providers\.1/, "the message names the provider");
  });

  it("not away when it was pasted into the config file, which is then no JSON", async () => {
    const file = join(folder, "bridge.json");
    writeFileSync(file, "canary-of-a-pasted-key\n");
    const { code, stderr } = await runCli(["serve", "--port", "0", "--config", file]);
    assert.equal(code, 2);
    assert.match(stderr, /bridge\.json is not JSON/);
    assert.doesNotMatch(stderr, /canary/);
  });
});
