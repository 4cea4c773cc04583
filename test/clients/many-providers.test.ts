import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ollama } from "ollama";
import { startCli, type RunningCli } from "../support/cli.ts";
import {
  json,
  sse,
  startFakeProvider,
  textChunks,
  type FakeProvider,
} from "../support/fake-provider.ts";

const messages = [{ role: "user", content: "Hi" }];

describe("the ollama package in front of several providers", () => {
  let one: FakeProvider;
  let two: FakeProvider;
  let cli: RunningCli;
  let ollama: Ollama;
  let folder: string;

  before(async () => {
    one = await startFakeProvider(json({ error: { message: "no" } }, { status: 402 }), {
      models: ["both", "first"],
    });
    two = await startFakeProvider(sse(textChunks("from two")), { models: ["both", "second"] });
    folder = mkdtempSync(join(tmpdir(), "llama-bridge-"));
    const config = join(folder, "config.json");
    const settings = {
      providers: [
        { id: "one", baseUrl: one.baseUrl },
        { id: "two", baseUrl: two.baseUrl },
      ],
      aliases: { steady: ["one/both", "two/both"] },
      models: { hidden: ["second"] },
    };
    writeFileSync(config, JSON.stringify(settings));
    cli = await startCli(["--config", config, "--state-file", join(folder, "models.json")]);
    ollama = new Ollama({ host: cli.url });
  });

  after(async () => {
    await cli.stop();
    await Promise.all([one.close(), two.close()]);
    rmSync(folder, { recursive: true });
  });

  const say = async (model: string) => (await ollama.chat({ model, messages })).message.content;

  it("lists them with their providers in front where that is needed", async () => {
    const { models } = await ollama.list();
    assert.deepEqual(models.map(({ name }) => name).sort(), [
      "first:latest",
      "one/both:latest",
      "steady:latest",
      "two/both:latest",
    ]);
  });

  it("is told what a name may mean, and gets answers by the names it was told", async () => {
    await assert.rejects(say("both"), /may mean one\/both or two\/both/);
    assert.equal(await say("two/both"), "from two");
    assert.equal(await say("second"), "from two", "a hidden model answers");
  });

  it("does not notice that the first of a chain refuses", async () => {
    assert.equal(await say("steady"), "from two");
  });

  it("makes a model from one of two of the same name, and copies it", async () => {
    await ollama.create({ model: "mine", from: "two/both", system: "Be brief." });
    assert.equal(await say("mine"), "from two");
    await ollama.copy({ source: "two/both", destination: "copied" });
    assert.equal(await say("copied"), "from two");
    const { modelfile } = await ollama.show({ model: "mine" });
    assert.match(modelfile, /FROM two\/both/);
  });

  it("deletes one of two of the same name", async () => {
    await ollama.delete({ model: "two/both" });
    assert.deepEqual(
      (await ollama.list()).models.map(({ name }) => name).filter((name) => /both/.test(name)),
      ["one/both:latest"],
    );
    await assert.rejects(say("two/both"), /not found/);
    await ollama.pull({ model: "two/both" });
    assert.equal(await say("two/both"), "from two");
  });
});
