import { strict as assert } from "node:assert";
import { chat, listModels, wordsOf } from "./bridge-client.ts";
import { choose, typeKey } from "./dialogs.ts";
import { FAKE_ANSWER, FAKE_MODEL, startFakeProvider } from "./fake-provider.ts";
import type { FakeProvider } from "./fake-provider.ts";
import { until } from "./until.ts";
import { setUserSetting, userPort } from "./user-settings.ts";

const KEY = "sk-test-0123456789abcdef";

describe("with a provider in the user's settings", () => {
  let provider: FakeProvider;
  const model = () =>
    until("the provider's model in the list", async () =>
      (await listModels(userPort())).find((name) => name.startsWith(FAKE_MODEL)),
    );

  before(async () => {
    provider = await startFakeProvider();
    await setUserSetting("providers", [{ id: "fake", baseUrl: provider.baseUrl }]);
  });

  after(async () => {
    await setUserSetting("providers", undefined);
    await provider.close();
  });

  it("its model is listed without a key, which a local provider does not need", async () => {
    await model();
    assert.deepEqual([...new Set(provider.requests.map((one) => one.authorization))], [undefined]);
  });

  it("a chat streams its words, and it sees the key from the secret storage", async () => {
    await typeKey("llamaBridge.setApiKey", KEY);
    const lines = await chat(userPort(), await model());
    assert.equal(wordsOf(lines), FAKE_ANSWER.join(""));
    assert.ok(lines.length > 2, `not streamed: ${lines.length} lines`);
    assert.deepEqual(lines.map(({ done }) => done).indexOf(true), lines.length - 1);
    assert.equal(lastChat(provider)?.authorization, `Bearer ${KEY}`);
  });

  it("a removed key is not sent any more", async () => {
    await choose("llamaBridge.removeApiKey", "fake");
    await chat(userPort(), await model());
    assert.equal(lastChat(provider)?.authorization, undefined);
  });
});

function lastChat({ requests }: FakeProvider) {
  return requests.findLast(({ path }) => path === "/v1/chat/completions");
}
