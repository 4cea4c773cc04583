import assert from "node:assert/strict";
import { BridgeError } from "../../../src/base/errors.ts";
import { createAliasSettings, type WrittenAlias } from "../../../src/catalog/aliases.ts";
import { createCatalog } from "../../../src/catalog/catalog.ts";
import { createDiscovery } from "../../../src/catalog/discovery.ts";
import { globs } from "../../../src/catalog/globs.ts";
import { createIsShown } from "../../../src/catalog/shown.ts";
import { createMemoryStore, createStoredModels } from "../../../src/catalog/stored-models.ts";
import type * as openai from "../../../src/protocol/openai.ts";
import type { Upstream } from "../../../src/upstream/client.ts";
import { dialectFor } from "../../../src/upstream/dialects.ts";
import { createTestClock } from "../../support/clock.ts";
import { createTestLog } from "../../support/log.ts";

interface Scene {
  /** What each provider lists; an error where it is down. */
  providers: Record<string, (string | openai.Model)[] | BridgeError>;
  aliases?: Record<string, WrittenAlias>;
  favorites?: string[];
  hidden?: string[];
  includes?: (modelId: string) => boolean;
  saved?: Record<string, openai.Model[]>;
  /** Lists do not come before it resolves. */
  gate?: Promise<void>;
}

function createScene({
  providers,
  aliases = {},
  favorites = [],
  hidden = [],
  includes,
  saved,
  gate,
}: Scene) {
  const clock = createTestClock();
  let lists = 0;
  const refuse = () => Promise.reject(new Error("not asked for"));
  const discoveries = Object.entries(providers).map(([id, models]) => {
    const upstream: Upstream = {
      id,
      dialect: (modelId) => dialectFor({ modelId }),
      chat: refuse,
      complete: refuse,
      embed: refuse,
      async models() {
        lists++;
        await gate;
        if (models instanceof Error) throw models;
        return models.map((one) => (typeof one === "string" ? { id: one } : one));
      },
    };
    const { signal } = new AbortController();
    const log = createTestLog();
    return createDiscovery({ upstream, clock, log, signal, includes, saved: saved?.[id] });
  });
  const stored = createStoredModels(createMemoryStore());
  const catalog = createCatalog({
    discoveries,
    stored,
    aliases: createAliasSettings(aliases),
    isShown: createIsShown({ favorites, hidden }),
  });
  const found = async (name: string) => {
    const { upstream, modelId, fallbacks = [] } = await catalog.resolve(name);
    return [{ upstream, modelId }, ...fallbacks].map(
      (target) => `${target.upstream.id}: ${target.modelId}`,
    );
  };
  return {
    catalog,
    stored,
    clock,
    /** How often a list was asked for. */
    asked: () => lists,
    names: async () => (await catalog.list()).map(({ name }) => name).sort(),
    /** Where the name leads: the model, then its fallbacks; or the error. */
    resolve: (name: string) => found(name).catch((error: unknown) => (error as Error).message),
  };
}

const down = () => new BridgeError("upstream_unavailable", "it is down");

const PROVIDERS = {
  openai: ["gpt-4o", "o3"],
  azure: ["gpt-4o", "Mine"],
  openrouter: ["openai/gpt-4o", "anthropic/claude-sonnet-4", "meta/llama:free", "o3"],
};

describe("the names of many providers' models", () => {
  it("are the models' own where they are the only ones, else with the provider in front", async () => {
    assert.deepEqual(await createScene({ providers: PROVIDERS }).names(), [
      "Mine:latest",
      "anthropic/claude-sonnet-4:latest",
      "azure/gpt-4o:latest",
      "meta/llama:free",
      "openai/gpt-4o:latest",
      "openai/o3:latest",
      "openrouter/o3:latest",
      "openrouter/openai/gpt-4o:latest",
    ]);
  });

  it("lead back to where they were listed, each of them", async () => {
    const { catalog } = createScene({ providers: PROVIDERS });
    for (const card of await catalog.list()) {
      const { upstream, modelId } = await catalog.resolve(card.name);
      assert.deepEqual([upstream.id, modelId], [card.provider, card.id]);
      assert.equal((await catalog.resolve(card.name.toUpperCase())).modelId, card.id);
    }
  });

  const RESOLVED: [string, string[] | RegExp][] = [
    ["Mine", ["azure: Mine"]],
    ["mine:latest", ["azure: Mine"]],
    ["azure/mine", ["azure: Mine"]],
    ["AZURE/MINE:LATEST", ["azure: Mine"]],
    ["claude-sonnet-4", /model 'claude-sonnet-4' not found/],
    ["anthropic/claude-sonnet-4", ["openrouter: anthropic/claude-sonnet-4"]],
    ["openrouter/anthropic/claude-sonnet-4", ["openrouter: anthropic/claude-sonnet-4"]],
    ["openai/gpt-4o", ["openai: gpt-4o"]],
    ["openrouter/openai/gpt-4o", ["openrouter: openai/gpt-4o"]],
    ["gpt-4o", /'gpt-4o' is ambiguous: it may mean openai\/gpt-4o or azure\/gpt-4o\. Use one/],
    ["o3:latest", /'o3:latest' is ambiguous: it may mean openai\/o3 or openrouter\/o3/],
    ["meta/llama:free", ["openrouter: meta/llama:free"]],
    ["meta/llama", /not found/],
    ["groq/gpt-4o", /not found/],
    ["a//b", /invalid model name/],
  ];
  for (const [name, expected] of RESOLVED) {
    it(`lead to ${expected instanceof RegExp ? "an error" : expected.join()}: ${name}`, async () => {
      const got = await createScene({ providers: PROVIDERS }).resolve(name);
      if (expected instanceof RegExp) assert.match(String(got), expected);
      else assert.deepEqual(got, expected);
    });
  }

  it("tell two spellings of one provider apart, where the client wrote one of them", async () => {
    const { resolve } = createScene({ providers: { a: ["Same"], b: ["same"] } });
    assert.deepEqual(await resolve("Same"), ["a: Same"]);
    assert.deepEqual(await resolve("same"), ["b: same"]);
    assert.match(String(await resolve("SAME")), /ambiguous/);
  });

  it("lead to a provider that is down only with its id in front", async () => {
    const { resolve, names } = createScene({ providers: { up: ["a"], broken: down() } });
    assert.deepEqual(await names(), ["a:latest"]);
    assert.deepEqual(await resolve("a"), ["up: a"]);
    assert.deepEqual(await resolve("broken/x:latest"), ["broken: x"]);
  });
});

describe("aliases in the settings", () => {
  const scene = (
    aliases: Record<string, WrittenAlias>,
    providers: Scene["providers"] = PROVIDERS,
  ) => createScene({ providers, aliases });

  it("are listed besides the models, and lead to theirs in any case", async () => {
    const { names, resolve } = scene({ Sonnet: "openrouter/anthropic/claude-sonnet-4" });
    assert.ok((await names()).includes("Sonnet:latest"));
    assert.deepEqual(await resolve("sonnet"), ["openrouter: anthropic/claude-sonnet-4"]);
    assert.deepEqual(await resolve("SONNET:latest"), ["openrouter: anthropic/claude-sonnet-4"]);
  });

  it("settle what is ambiguous, and stand before a model of the same name", async () => {
    const { resolve, names } = scene({ "gpt-4o": "azure/gpt-4o", mine: "openai/o3" });
    assert.deepEqual(await resolve("gpt-4o"), ["azure: gpt-4o"]);
    assert.deepEqual(await resolve("Mine"), ["openai: o3"]);
    assert.equal((await names()).filter((name) => /^mine:/i.test(name)).length, 1);
  });

  it("are chains, of other aliases too, without those that are not there", async () => {
    const chained = scene(
      { best: ["smart", "nowhere/x", "mine"], smart: { model: ["openai/o3", "azure/gpt-4o"] } },
      { ...PROVIDERS },
    );
    assert.deepEqual(await chained.resolve("best"), ["openai: o3", "azure: gpt-4o", "azure: Mine"]);
  });

  it("say so when none of their models is there", async () => {
    const { resolve, names } = scene({ gone: ["x", "y"] });
    assert.match(
      String(await resolve("gone")),
      /alias \(setting aliases\) of x, y, and no provider has/,
    );
    assert.ok(!(await names()).includes("gone:latest"));
  });

  it("do not make whoever lists ask the providers for what they lack", async () => {
    const { names, asked, clock } = scene({ gone: "x" });
    await names();
    const before = asked();
    clock.advance(30_000);
    await names();
    assert.equal(asked(), before);
  });

  it("say what is ambiguous in them", async () => {
    assert.match(String(await scene({ a: "gpt-4o" }).resolve("a")), /'gpt-4o' is ambiguous/);
  });

  it("put their presets together, the outer one above", async () => {
    const { catalog } = scene({
      inner: { model: "mine", options: { top_k: 1, seed: 2 }, system: "in", think: true },
      outer: { model: "inner", options: { seed: 3 }, system: "out" },
    });
    const { preset } = await catalog.resolve("outer");
    assert.deepEqual(preset?.parameters, { top_k: 1, seed: 3 });
    assert.deepEqual([preset.system, preset.think], ["out", true]);
  });
});

describe("globs", () => {
  it("list favourites only, if there are any, and never what is hidden", async () => {
    const only = createScene({ providers: PROVIDERS, favorites: ["openrouter/*", "mine"] });
    assert.deepEqual(await only.names(), [
      "Mine:latest",
      "anthropic/claude-sonnet-4:latest",
      "meta/llama:free",
      "openrouter/o3:latest",
      "openrouter/openai/gpt-4o:latest",
    ]);
    const without = createScene({ providers: PROVIDERS, hidden: ["*gpt*", "*:free", "o3"] });
    assert.deepEqual(await without.names(), ["Mine:latest", "anthropic/claude-sonnet-4:latest"]);
    assert.deepEqual(await without.resolve("meta/llama:free"), ["openrouter: meta/llama:free"]);
  });

  it("of a provider's own settings shut models out", async () => {
    const { names, resolve } = createScene({
      providers: { p: ["a", "b"] },
      includes: (id) => id === "a",
    });
    assert.deepEqual(await names(), ["a:latest"]);
    assert.match(String(await resolve("b")), /not found/);
  });

  for (const [pattern, text, matches] of [
    ["openai/*", "openai/gpt/4", true],
    ["*:free", "a/b:free", true],
    ["GPT-?o", "gpt-4o", true],
    ["{a,b}*", "b2", true],
    ["gpt", "gpt-4o", false],
    ["*", ".hidden/x", true],
  ] as const) {
    it(`${matches ? "match" : "do not match"}: ${pattern} and ${text}`, () => {
      assert.equal(globs([pattern])(text), matches);
    });
  }
});

describe("what is deleted", () => {
  for (const spelling of ["m", "M:latest", "m:local", "p/m", "models/m", "P/M:LATEST"]) {
    it(`stays so under another spelling: ${spelling}`, async () => {
      const { stored, resolve, names } = createScene({ providers: { p: ["models/m", "n"] } });
      await stored.hide("p/models/m");
      assert.match(String(await resolve(spelling)), /not found/);
      assert.deepEqual(await names(), ["n:latest"]);
    });
  }

  it("stays so when another provider comes to have one of that name", async () => {
    const { stored, names } = createScene({ providers: { p: ["m"], q: ["m"] } });
    await stored.hide("p/m");
    assert.deepEqual(await names(), ["q/m:latest"]);
  });
});

describe("the list of an earlier run", () => {
  const saved = { p: [{ id: "old", contextLength: 7 }] };

  it("serves at once, until the provider has answered", async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { catalog, names, resolve } = createScene({ providers: { p: ["new"] }, saved, gate });
    assert.deepEqual(await resolve("old"), ["p: old"]);
    open();
    await catalog.refresh();
    assert.deepEqual(await names(), ["new:latest"]);
  });

  it("goes on to serve where the provider is down", async () => {
    const { catalog, names } = createScene({ providers: { p: down() }, saved });
    await catalog.refresh();
    assert.deepEqual(await names(), ["old:latest"]);
  });

  it("is corrected by what a provider tells of its context", async () => {
    const { catalog } = createScene({ providers: { p: down() }, saved });
    const target = await catalog.resolve("old");
    catalog.learnContext(target, 5);
    assert.equal((await catalog.resolve("old")).card?.contextLength, 5);
  });
});
