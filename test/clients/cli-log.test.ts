import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCli, type RunningCli } from "../support/cli.ts";
import { eventually } from "../support/deadline.ts";
import { json, startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { askChat } from "../support/running-bridge.ts";

const KEY = "canary-of-the-key-0123456789";
const TEN_MEGABYTES = 10 * 1024 * 1024;

describe("the log of the command line", () => {
  let folder: string;
  let provider: FakeProvider;
  let cli: RunningCli | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "llama-bridge-log-"));
    provider = await startFakeProvider();
  });

  afterEach(async () => {
    await cli?.stop();
    cli = undefined;
    await provider.close();
    rmSync(folder, { recursive: true });
  });

  async function start(...flags: string[]): Promise<RunningCli> {
    const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: provider.baseUrl };
    cli = await startCli(flags, { env });
    return cli;
  }

  it("goes to stderr, so that stdout has the address and nothing else", async () => {
    const running = await start("--log-level", "trace");
    await (await askChat(running.url)).text();
    await running.stop();
    assert.equal(running.stdout(), `Llama Bridge listening on ${running.url}\n`);
    const lines = running.stderr().trimEnd().split("\n");
    assert.ok(lines.length >= 4, running.stderr());
    for (const line of lines) {
      assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z (TRACE|DEBUG|INFO {1}|WARN {1}|ERROR) \S/);
    }
  });

  it("has no key at its most talkative, even when the provider repeats it", async () => {
    provider.answer = json({ error: { message: `no such key: ${KEY}` } }, { status: 403 });
    const running = await start("--log-level", "trace");
    const answer = await (await askChat(running.url)).text();
    await running.stop();
    assert.match(answer, /no such key/);
    assert.match(running.stderr(), /no such key/);
    for (const text of [answer, running.stderr()]) assert.doesNotMatch(text, /canary/);
  });

  it("is as quiet as it is told to be", async () => {
    const running = await start("--log-level", "error");
    await (await askChat(running.url)).text();
    await refused(running.url);
    await running.stop();
    assert.equal(running.stderr(), "");
  });

  it("warns of what the client did wrong at level warn, and says nothing of what went well", async () => {
    const running = await start("--log-level", "warn");
    await (await askChat(running.url)).text();
    await refused(running.url);
    await running.stop();
    assert.match(running.stderr(), /^\S+ WARN {2}request refused .*model 'nope' not found"\n$/);
  });

  it("adds to a file that is there, and leaves stderr empty", async () => {
    const file = join(folder, "bridge.log");
    writeFileSync(file, "from yesterday\n");
    const running = await start("--log-file", file);
    await running.stop();
    assert.match(readFileSync(file, "utf8"), /^from yesterday\n.* INFO {2}bridge started /);
    assert.equal(running.stderr(), "");
  });

  it("moves a file of 10 MB away and begins a new one", async () => {
    const file = join(folder, "bridge.log");
    writeFileSync(file, "x".repeat(TEN_MEGABYTES));
    await start("--log-file", file);
    await eventually(
      "the file is new",
      () => statSync(file, { throwIfNoEntry: false })?.size !== TEN_MEGABYTES,
    );
    await cli?.stop();
    assert.match(readFileSync(file, "utf8"), /^\d{4}-\S+ INFO {2}bridge started /);
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    assert.equal(sizes.filter((size) => size === TEN_MEGABYTES).length, 1, "the old one is kept");
  });
});

async function refused(url: string): Promise<void> {
  const body = JSON.stringify({ model: "nope" });
  assert.equal((await fetch(`${url}/api/chat`, { method: "POST", body })).status, 404);
}
