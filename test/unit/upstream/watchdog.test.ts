import assert from "node:assert/strict";
import { mock } from "node:test";
import { BridgeError } from "../../../src/base/errors.ts";
import { createWatchdog, type Watchdog } from "../../../src/upstream/watchdog.ts";

const LIMITS = { firstByteMs: 1000, idleMs: 100 };

describe("createWatchdog", () => {
  let caller: AbortController;

  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    caller = new AbortController();
  });

  afterEach(() => {
    mock.timers.reset();
  });

  const watch = (limits: object = {}) =>
    createWatchdog({ ...LIMITS, ...limits }, { signal: caller.signal, provider: "p" });

  function assertExpired({ signal }: Watchdog, message: RegExp): void {
    assert.ok(signal.aborted);
    const reason: unknown = signal.reason;
    assert.ok(reason instanceof BridgeError);
    assert.equal(reason.code, "upstream_timeout");
    assert.match(reason.message, message);
  }

  it("waits for the first byte to the millisecond, and names the setting", () => {
    const watchdog = watch();
    mock.timers.tick(999);
    assert.equal(watchdog.signal.aborted, false);
    mock.timers.tick(1);
    assertExpired(watchdog, /"p" sent no answer within 1000 ms \(setting timeouts\.firstByteMs\)/);
  });

  // Later signs of life are in test/faults: the mock's timers do not know refresh().
  it("waits from the first sign of life on with the limit for silence", () => {
    const watchdog = watch();
    mock.timers.tick(900);
    watchdog.alive();
    mock.timers.tick(99);
    assert.equal(watchdog.signal.aborted, false);
    mock.timers.tick(1);
    assertExpired(watchdog, /within 100 ms \(setting timeouts\.idleMs\)/);
  });

  it("ends what is late as a whole, and names that setting", () => {
    const watchdog = watch({ totalMs: 500 });
    mock.timers.tick(500);
    assertExpired(watchdog, /within 500 ms \(setting timeouts\.totalMs\)/);
  });

  it("never wakes after it was stopped", () => {
    const watchdog = watch({ totalMs: 5000 });
    watchdog.alive();
    watchdog.stop();
    mock.timers.tick(100_000);
    assert.equal(watchdog.signal.aborted, false);
  });

  it("passes the caller's abort on with its own reason", () => {
    const watchdog = watch();
    const reason = new Error("gone");
    caller.abort(reason);
    assert.equal(watchdog.signal.reason, reason);
  });
});
