import assert from "node:assert/strict";
import { fakeSecrets } from "./fake-host.ts";
import { createApiKeys } from "../../../src/host/api-keys.ts";

const acme = { id: "acme", origin: "https://api.acme.example" };
const stored = JSON.stringify({ key: "sk-CANARY", origin: acme.origin });

function setUp(content: Record<string, string> = {}) {
  const storage = fakeSecrets(content);
  const lines: unknown[][] = [];
  const write = (...line: unknown[]) => lines.push(line);
  const log = { trace: write, debug: write, info: write, warn: write, error: write };
  return { storage, lines, keys: createApiKeys({ storage, log }) };
}

describe("createApiKeys", () => {
  it("gives a key to the origin it was entered for", async () => {
    const { keys } = setUp({ "provider:acme": stored });
    assert.equal(await keys.get(acme), "sk-CANARY");
  });

  it("gives it to no other origin, and says which it was entered for", async () => {
    const { keys } = setUp({ "provider:acme": stored });
    for (const origin of ["https://evil.example", "http://api.acme.example", ""]) {
      assert.equal(await keys.get({ id: "acme", origin }), undefined);
    }
    assert.equal(await keys.enteredFor("acme"), acme.origin);
  });

  it("has nothing for a provider without a key", async () => {
    const { keys } = setUp();
    assert.equal(await keys.get(acme), undefined);
    assert.equal(await keys.enteredFor("acme"), undefined);
  });

  it("takes what it cannot read for no key", async () => {
    for (const text of ["sk-bare", "null", "7", "{}", '{"key":1,"origin":"x"}']) {
      const { keys } = setUp({ "provider:acme": text });
      assert.equal(await keys.get(acme), undefined, text);
    }
  });

  it("asks the storage once, also when several requests come at once", async () => {
    const { keys, storage } = setUp({ "provider:acme": stored });
    await Promise.all([keys.get(acme), keys.get(acme)]);
    await keys.get(acme);
    assert.equal(storage.reads, 1);
  });

  it("binds a new key and uses it at once", async () => {
    const { keys, storage } = setUp({ "provider:acme": stored });
    await keys.get(acme);
    await keys.set(acme, "sk-NEW");
    assert.equal(await keys.get(acme), "sk-NEW");
    assert.deepEqual(JSON.parse(storage.values.get("provider:acme") ?? ""), {
      key: "sk-NEW",
      origin: acme.origin,
    });
  });

  it("forgets a removed key", async () => {
    const { keys, storage } = setUp({ "provider:acme": stored });
    await keys.get(acme);
    await keys.remove("acme");
    assert.equal(await keys.get(acme), undefined);
    assert.equal(storage.values.size, 0);
  });

  it("follows a change made in another window and tells of it", async () => {
    const { keys, storage } = setUp({ "provider:acme": stored });
    await keys.get(acme);
    let told = 0;
    const subscription = keys.onChange(() => (told += 1));
    await storage.store("provider:acme", JSON.stringify({ key: "sk-2", origin: acme.origin }));
    assert.equal(await keys.get(acme), "sk-2");
    await storage.store("something else", "x");
    assert.equal(told, 1);
    subscription.dispose();
    await storage.delete("provider:acme");
    assert.equal(told, 1);
  });

  it("knows every key it has met, for the log's filter", async () => {
    const { keys } = setUp({ "provider:acme": stored });
    await keys.get({ id: "acme", origin: "https://elsewhere.example" });
    await keys.set(acme, "sk-NEW");
    assert.deepEqual([...keys.secrets()], ["sk-CANARY", "sk-NEW"]);
  });

  it("survives a storage that fails, tells the log, and tries again", async () => {
    const { keys, storage, lines } = setUp({ "provider:acme": stored });
    storage.failure = new Error("the keyring is locked");
    assert.equal(await keys.get(acme), undefined);
    assert.match(JSON.stringify(lines), /keyring is locked/);
    storage.failure = undefined;
    assert.equal(await keys.get(acme), "sk-CANARY");
  });

  it("lists the stored ids where VS Code can", async () => {
    const old = setUp({ "provider:acme": stored });
    assert.deepEqual(await old.keys.storedIds(), []);
    const { keys, storage } = setUp({ "provider:acme": stored, other: "x" });
    Object.assign(storage, { keys: () => Promise.resolve([...storage.values.keys()]) });
    assert.deepEqual(await keys.storedIds(), ["acme"]);
  });
});
