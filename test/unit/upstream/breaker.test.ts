import assert from "node:assert/strict";
import { mock } from "node:test";
import { BridgeError } from "../../../src/base/errors.ts";
import { createBreaker, type Breaker, type BreakerState } from "../../../src/upstream/breaker.ts";
import { createTestClock } from "../../support/clock.ts";

const down = new BridgeError("upstream_failed", "p: it is down", { upstreamStatus: 503 });
const refused = new BridgeError("upstream_rejected", "p: no", { upstreamStatus: 400 });

describe("a provider's breaker", () => {
  let clock: ReturnType<typeof createTestClock>;
  let breaker: Breaker;
  let states: BreakerState[];

  beforeEach(() => {
    mock.timers.enable({ apis: ["Date"] });
    clock = createTestClock();
    states = [];
    breaker = createBreaker({ provider: "p", clock, onChange: (state) => states.push(state) });
  });

  afterEach(() => {
    mock.timers.reset();
  });

  const fail = (error: BridgeError) => breaker.guard(() => Promise.reject(error));
  const work = () => breaker.guard(() => Promise.resolve("done"));

  async function open(): Promise<void> {
    for (let failures = 0; failures < 5; failures++) await assert.rejects(fail(down), down);
  }

  function pass(ms: number): void {
    clock.advance(ms);
    mock.timers.tick(ms);
  }

  it("opens after five failures in a row, and then refuses without a call", async () => {
    await open();
    assert.equal(breaker.state, "open");
    pass(3000);
    let isCalled = false;
    const call = () => {
      isCalled = true;
      return Promise.resolve();
    };
    await assert.rejects(breaker.guard(call), {
      code: "upstream_unavailable",
      retryAfter: "12",
      message:
        "p: failed 5 times in a row and is left alone for 12 s more. The last time: p: it is down",
    });
    assert.equal(isCalled, false);
  });

  it("forgets failures at each success", async () => {
    for (let rounds = 0; rounds < 3; rounds++) {
      for (let failures = 0; failures < 4; failures++) await assert.rejects(fail(down));
      await work();
    }
    assert.equal(breaker.state, "closed");
  });

  it("is never tripped by what was wrong with a request, which proves that the provider is there", async () => {
    for (let failures = 0; failures < 4; failures++) await assert.rejects(fail(down));
    for (let failures = 0; failures < 20; failures++) await assert.rejects(fail(refused), refused);
    for (let failures = 0; failures < 4; failures++) await assert.rejects(fail(down));
    assert.equal(breaker.state, "closed");
  });

  for (const [name, error] of [
    ["a connection that failed", new BridgeError("upstream_failed", "m", { connection: "none" })],
    ["a time limit", new BridgeError("upstream_timeout", "m")],
    ["a 529", new BridgeError("upstream_unavailable", "m", { upstreamStatus: 529 })],
  ] as const) {
    it(`counts ${name}`, async () => {
      for (let failures = 0; failures < 5; failures++) await assert.rejects(fail(error));
      assert.equal(breaker.state, "open");
    });
  }

  it("does not count what llama.cpp calls 500 and 501, though it is the request's", async () => {
    const long = new BridgeError("context_overflow", "m", { upstreamStatus: 500 });
    const lacking = new BridgeError("upstream_failed", "m", { upstreamStatus: 501 });
    for (let failures = 0; failures < 5; failures++) {
      await assert.rejects(fail(long));
      await assert.rejects(fail(lacking));
    }
    assert.equal(breaker.state, "closed");
  });

  it("does not count 429, nor a client that has gone", async () => {
    const rate = new BridgeError("upstream_rate_limited", "m", { upstreamStatus: 429 });
    for (let failures = 0; failures < 9; failures++) {
      await assert.rejects(fail(rate));
      await assert.rejects(
        breaker.guard(() => Promise.reject(new DOMException("gone", "AbortError"))),
      );
    }
    assert.equal(breaker.state, "closed");
  });

  it("lets one call find out after 15 seconds, and refuses the others meanwhile", async () => {
    await open();
    pass(15_000);
    let answer: (value: string) => void = () => undefined;
    const probe = breaker.guard(() => new Promise<string>((resolve) => (answer = resolve)));
    assert.equal(breaker.state, "half-open");
    await assert.rejects(work(), { code: "upstream_unavailable" });
    answer("done");
    assert.equal(await probe, "done");
    assert.equal(breaker.state, "closed");
    assert.deepEqual(states, ["open", "half-open", "closed"]);
  });

  it("opens again when that call fails", async () => {
    await open();
    pass(15_000);
    await assert.rejects(fail(down), down);
    assert.equal(breaker.state, "open");
    await assert.rejects(work(), { code: "upstream_unavailable" });
  });
});
