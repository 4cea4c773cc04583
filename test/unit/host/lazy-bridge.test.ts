import assert from "node:assert/strict";
import { createLazyBridge } from "../../../src/host/lazy-bridge.ts";
import type { BridgeService } from "../../../src/service/bridge-service.ts";
import type { BridgeState } from "../../../src/service/bridge-state.ts";

const running: BridgeState = { kind: "running", url: "http://127.0.0.1:1", port: 1, providers: [] };

function fakeService() {
  const calls: string[] = [];
  let tell: (state: BridgeState) => void = () => undefined;
  const note = (name: string) => () => {
    calls.push(name);
    return Promise.resolve();
  };
  const service: BridgeService = {
    state: { kind: "stopped" },
    onState: (listener) => {
      tell = listener;
      return () => undefined;
    },
    start: note("start"),
    stop: note("stop"),
    restart: note("restart"),
    refresh: note("refresh"),
    testConnection: async () => {
      await note("testConnection")();
      return [];
    },
  };
  return {
    service,
    calls,
    tell: (state: BridgeState) => {
      tell(state);
    },
  };
}

function setUp() {
  const { service, ...fake } = fakeService();
  let loads = 0;
  const bridge = createLazyBridge(() => {
    loads += 1;
    return Promise.resolve(service);
  });
  return { bridge, ...fake, loads: () => loads };
}

describe("createLazyBridge", () => {
  it("is stopped and loads nothing until it is needed", async () => {
    const { bridge, loads, calls } = setUp();
    await bridge.stop();
    await bridge.refresh();
    assert.deepEqual(bridge.state, { kind: "stopped" });
    assert.equal(loads(), 0);
    assert.deepEqual(calls, []);
  });

  it("loads once, however many calls come", async () => {
    const { bridge, loads, calls } = setUp();
    await Promise.all([bridge.start(), bridge.restart(), bridge.testConnection()]);
    await bridge.refresh();
    assert.equal(loads(), 1);
    assert.deepEqual(calls, ["start", "restart", "testConnection", "refresh"]);
  });

  it("stops after the start that is still loading", async () => {
    const { bridge, calls } = setUp();
    const starting = bridge.start();
    await bridge.stop();
    await starting;
    assert.deepEqual(calls, ["start", "stop"]);
  });

  it("passes states on to those who subscribed before and after the load", async () => {
    const { bridge, tell } = setUp();
    const early: BridgeState[] = [];
    const late: BridgeState[] = [];
    const unsubscribe = bridge.onState((state) => early.push(state));
    await bridge.start();
    bridge.onState((state) => late.push(state));
    tell({ kind: "starting" });
    unsubscribe();
    tell(running);
    assert.deepEqual(early, [{ kind: "starting" }]);
    assert.deepEqual(late, [{ kind: "starting" }, running]);
    assert.equal(bridge.state, running);
  });

  it("tells a failed load and tries again at the next call", async () => {
    const { service, calls } = fakeService();
    let isBroken = true;
    const bridge = createLazyBridge(() =>
      isBroken ? Promise.reject(new Error("bundle broken")) : Promise.resolve(service),
    );
    await assert.rejects(bridge.start(), /bundle broken/);
    assert.equal(bridge.state.kind, "failed");
    await bridge.stop();
    isBroken = false;
    await bridge.start();
    assert.deepEqual(calls, ["start"]);
  });
});
