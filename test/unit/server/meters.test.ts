import assert from "node:assert/strict";
import { createMeters } from "../../../src/server/meters.ts";
import { toMetrics } from "../../../src/service/prometheus.ts";
import { createTestClock } from "../../support/clock.ts";

const DAY_MS = 24 * 3_600_000;
const done = { ms: 2000, failure: undefined };
const price = { input: 0.000_002, output: 0.000_01, cached: 0.000_001 };
const ANSWERED = {
  provider: "p",
  model: "m",
  promptTokens: 100,
  completionTokens: 50,
  cachedTokens: 40,
  firstTokenMs: 1000,
  price,
};

describe("the meters", () => {
  it("count requests, tokens, times and costs by provider and model", () => {
    const meters = createMeters(createTestClock());
    meters.record(ANSWERED, done);
    meters.record({ ...ANSWERED, firstTokenMs: 500 }, { ms: 1000, failure: undefined });
    meters.record({}, done);
    const { sinceStart, models } = meters.snapshot();
    assert.equal(sinceStart.requests, 3);
    const [only] = models;
    assert.deepEqual([only?.provider, only?.model], ["p", "m"]);
    assert.deepEqual(only?.sinceStart, {
      requests: 2,
      errors: {},
      promptTokens: 200,
      completionTokens: 100,
      cachedTokens: 80,
      cacheHits: 0,
      cost: 2 * (60 * price.input + 40 * price.cached + 50 * price.output),
      firstTokenMs: 750,
      tokensPerSecond: 100 / 1.5,
    });
  });

  it("count errors by kind", () => {
    const meters = createMeters(createTestClock());
    for (const failure of ["upstream_failed", "client_closed", "upstream_failed"]) {
      meters.record({ provider: "p", model: "m" }, { ms: 1, failure });
    }
    const errors = { upstream_failed: 2, client_closed: 1 };
    assert.deepEqual(meters.snapshot().models[0]?.today.errors, errors);
    assert.deepEqual(meters.snapshot().today.errors, errors);
  });

  it("count no tokens and no cost for an answer out of the bridge's own cache", () => {
    const meters = createMeters(createTestClock());
    meters.record({ ...ANSWERED, isCached: true }, done);
    const { promptTokens, cost, cacheHits } = meters.snapshot().sinceStart;
    assert.deepEqual({ promptTokens, cost, cacheHits }, { promptTokens: 0, cost: 0, cacheHits: 1 });
  });

  it("begin a new day at midnight, and keep what was since the start", () => {
    const clock = createTestClock();
    const meters = createMeters(clock);
    meters.record(ANSWERED, done);
    clock.advance(DAY_MS);
    const { today, sinceStart, models } = meters.snapshot();
    assert.equal(today.requests, 0);
    assert.equal(sinceStart.requests, 1);
    assert.equal(models[0]?.today.requests, 0);
    assert.equal(models[0].sinceStart.promptTokens, 100);
  });

  it("are Prometheus' text, with labels that nobody can break out of", async () => {
    const meters = createMeters(createTestClock());
    meters.record({ ...ANSWERED, model: 'm"\n{' }, { ms: 1, failure: "upstream_failed" });
    const text = await toMetrics(meters.snapshot());
    assert.match(text, /^# TYPE llama_bridge_requests_total counter$/m);
    assert.match(text, /^llama_bridge_requests_total\{provider="p",model="m\\"\\n\{"\} 1$/m);
    assert.match(text, /^llama_bridge_errors_total\{.*kind="upstream_failed"\} 1$/m);
    assert.match(text, /^llama_bridge_prompt_tokens_total\{.*\} 100$/m);
  });
});
