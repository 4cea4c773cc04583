import { strict as assert } from "node:assert";
import { chat, listModels, wordsOf } from "./bridge-client.ts";
import { FAKE_ANSWER, FAKE_MODEL, startFakeProvider } from "./fake-provider.ts";
import type { FakeProvider } from "./fake-provider.ts";
import { ask } from "./http-client.ts";
import { until } from "./until.ts";
import { setUserSetting, userPort } from "./user-settings.ts";

describe("with two providers and an alias in the user's settings", () => {
  let left: FakeProvider;
  let right: FakeProvider;

  before(async () => {
    [left, right] = await Promise.all([startFakeProvider(), startFakeProvider()]);
    await setUserSetting("aliases", { best: ["left/gone", `right/${FAKE_MODEL}`] });
    await setUserSetting("providers", [
      { id: "left", baseUrl: left.baseUrl },
      { id: "right", preset: "vllm", baseUrl: right.baseUrl },
    ]);
  });

  after(async () => {
    await setUserSetting("providers", undefined);
    await setUserSetting("aliases", undefined);
    await Promise.all([left.close(), right.close()]);
  });

  it("both stand in one list, with their names in front, and the alias beside them", async () => {
    await until("the alias in the list", async () =>
      (await listModels(userPort())).includes("best:latest"),
    );
    assert.deepEqual((await listModels(userPort())).sort(), [
      "best:latest",
      `left/${FAKE_MODEL}:latest`,
      `right/${FAKE_MODEL}:latest`,
    ]);
  });

  it("each name, and the alias, leads to its own", async () => {
    for (const [name, provider] of [
      [`left/${FAKE_MODEL}`, left],
      [`right/${FAKE_MODEL}`, right],
      ["best", right],
    ] as const) {
      const before = provider.requests.length;
      assert.equal(wordsOf(await chat(userPort(), name)), FAKE_ANSWER.join(""));
      assert.equal(provider.requests.length, before + 1, name);
    }
  });

  it("the status tells of both; metrics are the command line's", async () => {
    const { text } = await ask(userPort(), "/bridge/status");
    const { providers, models } = JSON.parse(text) as {
      providers: { id: string; breaker: string }[];
      models: { provider: string }[];
    };
    assert.deepEqual(
      providers.map(({ id, breaker }) => `${id} ${breaker}`),
      ["left closed", "right closed"],
    );
    assert.deepEqual([...new Set(models.map(({ provider }) => provider))].sort(), [
      "left",
      "right",
    ]);
    assert.equal((await ask(userPort(), "/metrics")).status, 404);
  });
});
