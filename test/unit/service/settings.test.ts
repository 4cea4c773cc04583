import assert from "node:assert/strict";
import { describeSettings, parseSettings } from "../../../src/service/settings.ts";

const WRONG: [string, unknown, RegExp][] = [
  ["a text as port", { port: "11434" }, /^test: "port" is not valid: .*number/],
  ["a port below 0", { port: -1 }, /^test: "port" is not valid/],
  ["a port above 65535", { port: 65_536 }, /^test: "port" is not valid/],
  ["half a port", { port: 80.5 }, /^test: "port" is not valid/],
  ["a number as host", { host: 1 }, /^test: "host" is not valid: .*string/],
  ["a text as switch", { allowInsecureHttp: "yes" }, /^test: "allowInsecureHttp" is not valid/],
  ["an object of providers", { providers: {} }, /^test: "providers" is not valid/],
  ["a provider without a URL", { providers: [{ id: "a" }] }, /^test: "providers\.0\.baseUrl"/],
  ["an empty URL", { providers: [{ id: "a", baseUrl: "" }] }, /^test: "providers\.0\.baseUrl"/],
  ["an id with a blank", { providers: [{ id: "a b", baseUrl: "x" }] }, /^test: "providers\.0\.id"/],
  ["an empty id", { providers: [{ id: "", baseUrl: "x" }] }, /^test: "providers\.0\.id"/],
  ["a time limit of 0", { timeouts: { idleMs: 0 } }, /^test: "timeouts\.idleMs"/],
  ["a time limit beyond timers", { timeouts: { idleMs: 2 ** 31 } }, /^test: "timeouts\.idleMs"/],
  ["a limit too small", { limits: { maxBodyBytes: 1 } }, /^test: "limits\.maxBodyBytes"/],
  ["null", { timeouts: null }, /^test: "timeouts" is not valid/],
  ["a list as the whole", [], /^test: the file is not valid/],
  ["a text as the whole", "x", /^test: the file is not valid/],
  [
    "an unknown key",
    { prot: 1 },
    /^test: "prot" is not a setting\. Remove it, or check its spelling/,
  ],
  ["an unknown key inside", { timeouts: { idle: 1 } }, /^test: "timeouts\.idle" is not a setting/],
  [
    "a key in the settings",
    { providers: [{ id: "a", baseUrl: "x", apiKey: "sk-canary-123456" }] },
    /^test: "providers\.0\.apiKey" is not a setting/,
  ],
  [
    "a key in a header",
    { providers: [{ id: "a", baseUrl: "x", headers: { Authorization: "Bearer sk-canary-1" } }] },
    /^test: "providers\.0\.headers\.Authorization" is not valid: the header Authorization cannot be set here/,
  ],
  [
    "a header that HTTP cannot carry",
    { providers: [{ id: "a", baseUrl: "x", headers: { "x-a": "1\r\nx-b: 2" } }] },
    /^test: "providers\.0\.headers\.x-a" is not valid/,
  ],
  [
    "a preset that needs a URL, without one",
    { providers: [{ id: "a", preset: "azure" }] },
    /^test: "providers\.0\.baseUrl" is not valid: the preset of Azure.*RESOURCE\.openai\.azure\.com/,
  ],
  ["an unknown preset", { providers: [{ id: "a", preset: "opnai" }] }, /providers\.0\.preset/],
  [
    "an unknown quirk",
    { providers: [{ id: "a", preset: "openai", quirks: { maxToken: "max_tokens" } }] },
    /^test: "providers\.0\.quirks\.maxToken" is not a setting/,
  ],
  [
    "a quirk of another type",
    { providers: [{ id: "a", preset: "openai", quirks: { seed: 1 } }] },
    /quirks\.seed/,
  ],
  ["an alias of nothing", { aliases: { a: [] } }, /aliases\.a/],
  ["an alias with an unknown field", { aliases: { a: { model: "x", sytem: "y" } } }, /aliases\.a/],
  ["no attempt at all", { retry: { attempts: 0 } }, /retry\.attempts/],
  ["a cache mode that is none", { cache: { mode: "on" } }, /cache\.mode/],
];

describe("parseSettings", () => {
  it("fills in every default", () => {
    const { timeouts, limits, ...rest } = parseSettings({}, "test");
    assert.equal(rest.host, "127.0.0.1");
    assert.equal(rest.port, 11_434);
    assert.deepEqual(rest.providers, []);
    assert.deepEqual(rest.allowedHosts, []);
    assert.deepEqual(rest.allowedOrigins, []);
    assert.equal(rest.allowInsecureHttp, false);
    assert.equal(limits.maxBodyBytes, 64 * 1024 * 1024);
    assert.deepEqual(timeouts, {
      connectMs: 10_000,
      firstByteMs: 600_000,
      embedFirstByteMs: 60_000,
      listFirstByteMs: 30_000,
      idleMs: 300_000,
      totalMs: 900_000,
    });
  });

  it("keeps what is set and fills in the rest beside it", () => {
    const { timeouts, port } = parseSettings({ port: 0, timeouts: { idleMs: 5 } }, "test");
    assert.equal(port, 0);
    assert.equal(timeouts.idleMs, 5);
    assert.equal(timeouts.connectMs, 10_000);
  });

  it("gives each call an object of its own", () => {
    parseSettings({}, "test").providers.push({ id: "a", baseUrl: "x" });
    assert.deepEqual(parseSettings({}, "test").providers, []);
  });

  for (const [name, input, message] of WRONG) {
    it(`refuses ${name}, names source and key, and repeats no value`, () => {
      assert.throws(
        () => parseSettings(input, "test"),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "invalid_settings");
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /canary/);
          return true;
        },
      );
    });
  }
});

describe("describeSettings", () => {
  it("describes each leaf once, in order, with the default that parseSettings fills in", () => {
    const settings = describeSettings();
    const keys = settings.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
    const orders = settings.map(({ meta }) => meta.order);
    assert.deepEqual(
      orders,
      orders.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(orders).size, orders.length);
    const defaults: unknown = parseSettings({}, "test");
    for (const { key, schema } of settings) {
      const value = key
        .split(".")
        .reduce((tree, name) => (tree as Record<string, unknown>)[name], defaults);
      assert.deepEqual(schema["default"], value, key);
    }
  });
});
