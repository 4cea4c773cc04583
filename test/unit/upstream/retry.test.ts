import assert from "node:assert/strict";
import { mock } from "node:test";
import { BridgeError, type BridgeErrorOptions } from "../../../src/base/errors.ts";
import { failureFromException, failureFromResponse } from "../../../src/upstream/failure.ts";
import {
  createRetryBudget,
  decideRetry,
  withRetry,
  type RetryRules,
} from "../../../src/upstream/retry.ts";
import { createTestClock } from "../../support/clock.ts";

const answered = (status: number, body = "", headers: Record<string, string> = {}) =>
  failureFromResponse({
    status,
    body,
    headers,
    provider: "p",
    hadKey: true,
    redact: (text) => text,
    now: 0,
  });

const thrown = (code: string) => failureFromException(Object.assign(new Error(), { code }), "p");

const REPEATED = [408, 409, 425, 429, 498, 500, 502, 503, 504, 520, 524, 529];
const FINAL = [400, 401, 402, 403, 404, 405, 413, 422, 451, 501, 505];

describe("decideRetry", () => {
  for (const status of REPEATED) {
    it(`repeats after HTTP ${status}`, () => {
      assert.equal(decideRetry(answered(status, "no"), true).kind, "later");
    });
  }

  for (const status of FINAL) {
    it(`gives up after HTTP ${status}`, () => {
      assert.equal(decideRetry(answered(status, "no"), true).kind, "give up");
    });
  }

  for (const code of ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]) {
    it(`repeats where no connection was made: ${code}`, () => {
      assert.equal(decideRetry(thrown(code), true).kind, "later");
    });
  }

  for (const code of ["ECONNRESET", "UND_ERR_SOCKET", "EPIPE"]) {
    it(`repeats at once, but only once, where the connection was cut: ${code}`, () => {
      assert.equal(decideRetry(thrown(code), true).kind, "at once");
      assert.equal(decideRetry(thrown(code), false).kind, "later");
    });
  }

  const BODIES: [string, number, string, string][] = [
    ["a rate", 429, '{"error":{"code":"rate_limit_exceeded","message":"Slow down"}}', "later"],
    ["a busy engine", 429, '{"error":{"type":"engine_overloaded_error"}}', "later"],
    ["a quota", 429, '{"error":{"code":"insufficient_quota","message":"m"}}', "give up"],
    ["a quota in words", 429, '{"error":{"message":"You exceeded your current quota"}}', "give up"],
    ["Z.ai's empty account", 429, '{"error":{"code":"1113","message":"m"}}', "give up"],
    ["Moonshot's", 429, '{"error":{"type":"exceeded_current_quota_error"}}', "give up"],
    ["a model that is still loading", 503, '{"error":{"message":"Loading model"}}', "later"],
    [
      "a context that is too short, as a 500",
      500,
      "the request exceeds the available context size",
      "give up",
    ],
  ];
  for (const [name, status, body, kind] of BODIES) {
    it(`tells apart by the text: ${name}`, () => {
      assert.equal(decideRetry(answered(status, body), true).kind, kind);
    });
  }

  it("follows x-should-retry against the status", () => {
    assert.equal(
      decideRetry(answered(500, "", { "x-should-retry": "false" }), true).kind,
      "give up",
    );
    assert.equal(decideRetry(answered(400, "", { "x-should-retry": "true" }), true).kind, "later");
  });

  it("gives up on a wrong certificate, the bridge's own time limits and bugs", () => {
    assert.equal(decideRetry(thrown("CERT_HAS_EXPIRED"), true).kind, "give up");
    assert.equal(decideRetry(new BridgeError("upstream_timeout", "m"), true).kind, "give up");
    assert.equal(decideRetry(new TypeError("m"), true).kind, "give up");
  });
});

const RULES: RetryRules = {
  attempts: 3,
  baseDelayMs: 500,
  maxDelayMs: 8000,
  maxRetryAfterMs: 20_000,
  maxWaitMs: 60_000,
};

describe("withRetry", () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
  });

  afterEach(() => {
    mock.timers.reset();
  });

  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

  /** Runs a call that fails so often before it works; every wait is over as soon as it begins. */
  async function run(
    failures: BridgeError[],
    { rules = {}, random = 1, budget = createRetryBudget(createTestClock()) } = {},
  ) {
    const waits: number[] = [];
    let calls = 0;
    const { signal } = new AbortController();
    const running = withRetry(
      () => {
        const failure = failures[calls++];
        return failure ? Promise.reject(failure) : Promise.resolve("done");
      },
      {
        rules: { ...RULES, ...rules },
        budget,
        signal,
        random: () => random,
        onRetry: (_error, waitMs) => waits.push(waitMs),
      },
    ).then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error }),
    );
    for (let turns = 0; turns < 30; turns++) {
      await settled();
      mock.timers.tick(100_000);
    }
    return { ...(await running), waits, calls };
  }

  const failing = (status: number, options: BridgeErrorOptions = {}) =>
    new BridgeError("upstream_failed", `${status}`, { upstreamStatus: status, ...options });
  const down = failing(503);

  it("returns the first success, and asks no more", async () => {
    assert.deepEqual(await run([down]), {
      value: "done",
      error: undefined,
      waits: [500],
      calls: 2,
    });
  });

  it("makes three attempts and then throws the last failure", async () => {
    const last = failing(500);
    const { error, calls, waits } = await run([down, down, last]);
    assert.equal(error, last);
    assert.equal(calls, 3);
    assert.deepEqual(waits, [500, 1000]);
  });

  it("doubles its longest delay up to a bound, and waits a random part of it", async () => {
    const budget = { deposit: () => undefined, withdraw: () => true };
    const many = Array.from({ length: 7 }, () => down);
    const whole = await run(many, { rules: { attempts: 8 }, budget });
    assert.deepEqual(whole.waits, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
    const half = await run(many, { rules: { attempts: 8 }, budget, random: 0.5 });
    assert.deepEqual(half.waits, [250, 500, 1000, 2000, 4000, 4000, 4000]);
  });

  it("waits as long as the provider says", async () => {
    const { waits } = await run([failing(429, { advice: { waitMs: 7660 } })]);
    assert.deepEqual(waits, [7660]);
  });

  it("does not wait longer than the setting allows", async () => {
    const late = failing(429, { advice: { waitMs: 20_001 } });
    const { error, calls } = await run([late]);
    assert.equal(error, late);
    assert.equal(calls, 1);
  });

  it("bounds what the waits of a call take together", async () => {
    const slow = failing(429, { advice: { waitMs: 15_000 } });
    const rules = { attempts: 9, maxWaitMs: 40_000 };
    const { waits, calls } = await run([slow, slow, slow, slow], { rules });
    assert.deepEqual(waits, [15_000, 15_000]);
    assert.equal(calls, 3);
  });

  it("repeats at once after a stale connection, which is no attempt", async () => {
    const cut = new BridgeError("upstream_failed", "cut", { connection: "cut" });
    assert.deepEqual((await run([cut])).waits, [0]);
    assert.equal((await run([cut], { rules: { attempts: 1 } })).value, "done");
    const { waits, calls } = await run([cut, down, down, down]);
    assert.deepEqual(waits, [0, 500, 1000]);
    assert.equal(calls, 4);
  });

  it("never repeats what was the client's fault", async () => {
    const { calls } = await run([failing(400)]);
    assert.equal(calls, 1);
  });

  it("repeats about a fifth of the recent calls, and three at least", async () => {
    const clock = createTestClock();
    const budget = createRetryBudget(clock);
    const few = await run([down, down, down, down, down], { rules: { attempts: 9 }, budget });
    assert.equal(few.waits.length, 3);
    for (let calls = 0; calls < 29; calls++) budget.deposit();
    const more = await run(
      Array.from({ length: 9 }, () => down),
      { rules: { attempts: 10, maxWaitMs: 1e9 }, budget },
    );
    assert.equal(more.waits.length, 4, "a fifth of 31, less the three that are gone, rounded up");
    clock.advance(61_000);
    assert.equal((await run([down], { budget })).value, "done", "a minute later all is forgotten");
  });

  it("ends its wait when the client hangs up, and makes no further call", async () => {
    const controller = new AbortController();
    let calls = 0;
    const running = withRetry(
      () => {
        calls++;
        return Promise.reject(down);
      },
      {
        rules: RULES,
        budget: createRetryBudget(createTestClock()),
        signal: controller.signal,
        random: () => 1,
        onRetry: () => undefined,
      },
    );
    await settled();
    controller.abort(new Error("gone"));
    await assert.rejects(running, /gone/);
    mock.timers.tick(100_000);
    await settled();
    assert.equal(calls, 1);
  });
});
