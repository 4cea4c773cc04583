import assert from "node:assert/strict";
import { BridgeError } from "../../../src/base/errors.ts";
import { createAliasSettings } from "../../../src/catalog/aliases.ts";
import { createCatalog, type Catalog } from "../../../src/catalog/catalog.ts";
import { createDiscovery } from "../../../src/catalog/discovery.ts";
import { createMemoryStore, createStoredModels } from "../../../src/catalog/stored-models.ts";
import { dialectFor } from "../../../src/upstream/dialects.ts";
import type { Upstream } from "../../../src/upstream/client.ts";
import { createTestClock } from "../../support/clock.ts";
import { createTestLog } from "../../support/log.ts";

interface FakeUpstream extends Upstream {
  ids: string[];
  /** What the next requests for the list meet instead of an answer. */
  failure: BridgeError | undefined;
  calls: number;
  /** While it is set, lists do not come before it resolves. */
  gate: Promise<void> | undefined;
}

function createFakeUpstream(id: string, ...ids: string[]): FakeUpstream {
  const upstream: FakeUpstream = {
    id,
    ids,
    failure: undefined,
    calls: 0,
    gate: undefined,
    dialect: (modelId) => dialectFor({ modelId }),
    chat: () => Promise.reject(new Error("not asked for")),
    complete: () => Promise.reject(new Error("not asked for")),
    embed: () => Promise.reject(new Error("not asked for")),
    async models() {
      upstream.calls++;
      await upstream.gate;
      if (upstream.failure) throw upstream.failure;
      return upstream.ids.map((model) => ({ id: model }));
    },
  };
  return upstream;
}

const down = () => new BridgeError("upstream_unavailable", "it is down");

const SOON = 9_000;
const LATER = 11_000;
const MUCH_LATER = 6 * 60_000;

describe("createCatalog", () => {
  let clock: ReturnType<typeof createTestClock>;
  let first: FakeUpstream;
  let second: FakeUpstream;
  let catalog: Catalog;

  beforeEach(() => {
    clock = createTestClock();
    first = createFakeUpstream("first", "shared", "one");
    second = createFakeUpstream("second", "shared", "two:8b");
    const log = createTestLog();
    const { signal } = new AbortController();
    catalog = createCatalog({
      discoveries: [first, second].map((upstream) =>
        createDiscovery({ upstream, clock, log, signal }),
      ),
      stored: createStoredModels(createMemoryStore()),
      aliases: createAliasSettings({}),
      isShown: () => true,
    });
  });

  const names = async () => (await catalog.list()).map(({ name }) => name).sort();
  const providerOf = async (name: string) => (await catalog.resolve(name)).upstream.id;
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

  it("lists every provider's models, each with a tag, and with the provider where two have one", async () => {
    assert.deepEqual(await names(), [
      "first/shared:latest",
      "one:latest",
      "second/shared:latest",
      "two:8b",
    ]);
  });

  it("asks the provider for its own spelling, however the client spelled it", async () => {
    first.ids = ["OpenAI/GPT-4o"];
    assert.equal((await catalog.resolve("openai/gpt-4o:latest")).modelId, "OpenAI/GPT-4o");
  });

  it("lists what the others have while one provider is down", async () => {
    first.failure = down();
    assert.deepEqual(await names(), ["shared:latest", "two:8b"]);
    assert.equal(await providerOf("two:8b"), "second");
  });

  it("fails only when no provider has a list, with the first one's reason", async () => {
    first.failure = down();
    second.failure = new BridgeError("upstream_unauthorized", "no key");
    await assert.rejects(catalog.list(), first.failure);
  });

  it("keeps an old list when it cannot be renewed", async () => {
    await catalog.list();
    first.failure = down();
    clock.advance(MUCH_LATER);
    await catalog.list();
    await settled();
    assert.ok((await names()).includes("one:latest"));
    assert.equal(await providerOf("one"), "first");
  });

  it("does not wait for a list that is only old", async () => {
    await catalog.list();
    clock.advance(MUCH_LATER);
    first.gate = new Promise(() => undefined);
    first.ids = ["new"];
    assert.ok((await names()).includes("one:latest"));
    assert.equal(first.calls, 2);
  });

  it("shows a renewed list to the next who asks", async () => {
    await catalog.list();
    clock.advance(MUCH_LATER);
    first.ids = ["new"];
    await catalog.list();
    await settled();
    assert.deepEqual(await names(), ["new:latest", "shared:latest", "two:8b"]);
  });

  it("asks nobody again while the lists are fresh", async () => {
    for (let count = 0; count < 5; count++) {
      await catalog.list();
      await catalog.resolve("one");
    }
    clock.advance(MUCH_LATER / 2);
    await catalog.list();
    assert.deepEqual([first.calls, second.calls], [1, 1]);
  });

  it("asks again for a model that no list has, but not in a hurry", async () => {
    await catalog.list();
    first.ids = ["brand-new"];
    clock.advance(SOON);
    await assert.rejects(catalog.resolve("brand-new"), { code: "model_not_found" });
    assert.equal(first.calls, 1);
    clock.advance(LATER);
    assert.equal(await providerOf("brand-new"), "first");
  });

  it("says in Ollama's words that a model is unknown or its name illegal", async () => {
    const message = "model 'nobody' not found";
    await assert.rejects(catalog.resolve("nobody"), { code: "model_not_found", message });
    await assert.rejects(catalog.resolve("a//b"), { code: "invalid_request" });
  });

  it("passes an unknown name on to a provider that gives no list", async () => {
    second.failure = down();
    const target = await catalog.resolve("hidden:latest");
    assert.equal(target.upstream.id, "second");
    assert.equal(target.modelId, "hidden");
    assert.equal(target.card, undefined);
  });

  it("prefers a listed model to a provider that gives no list", async () => {
    first.failure = down();
    assert.equal(await providerOf("two:8b"), "second");
    assert.equal(await providerOf("shared"), "second");
  });

  it("asks a provider that failed again after a while, not at each request", async () => {
    first.failure = down();
    for (let count = 0; count < 5; count++) await catalog.list();
    assert.equal(first.calls, 1);
    first.failure = undefined;
    clock.advance(LATER);
    assert.ok((await names()).includes("one:latest"));
    assert.equal(first.calls, 2);
    assert.equal(second.calls, 1, "the other is left alone");
  });

  it("asks once for many who ask at once", async () => {
    await Promise.all([
      catalog.refresh(),
      catalog.list(),
      catalog.resolve("one"),
      catalog.list(),
      catalog.refresh(),
    ]);
    assert.deepEqual([first.calls, second.calls], [1, 1]);
  });

  it("asks everybody anew when told to", async () => {
    await catalog.list();
    first.ids = ["new"];
    await catalog.refresh();
    assert.equal(await providerOf("new"), "first");
    assert.deepEqual([first.calls, second.calls], [2, 2]);
  });

  it("has an empty list where providers have none", async () => {
    first.ids = [];
    second.ids = [];
    assert.deepEqual(await catalog.list(), []);
    await assert.rejects(catalog.resolve("any"), { code: "model_not_found" });
  });
});
