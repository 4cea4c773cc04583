import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { inspect } from "node:util";
import { systemClock } from "../../src/base/clock.ts";
import { BridgeError } from "../../src/base/errors.ts";
import type { BridgeState } from "../../src/service/bridge-state.ts";
import { createBridgeService, type BridgeService } from "../../src/service/bridge-service.ts";
import { parseSettings } from "../../src/service/settings.ts";
import { eventually, within } from "../support/deadline.ts";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { createTestLog } from "../support/log.ts";
import { parseLines, textOf } from "../support/ollama-client.ts";
import { connectRaw } from "../support/raw-client.ts";
import { askChat } from "../support/running-bridge.ts";
import { event, textEvent } from "../support/watched-provider.ts";

const END = event({ choices: [{ delta: {}, finish_reason: "stop" }] }) + event("[DONE]");

/** "running 1": with the number of models, where it is known. */
function short(state: BridgeState): string {
  const count = state.kind === "running" ? state.modelCount : undefined;
  return count === undefined ? state.kind : `${state.kind} ${count}`;
}

describe("The service in front of a provider", () => {
  let provider: FakeProvider;
  let service: BridgeService;
  let states: string[];
  let settings: () => object;

  beforeEach(async () => {
    provider = await startFakeProvider();
    settings = () => ({ port: 0, providers: [{ id: "local", baseUrl: provider.baseUrl }] });
    states = [];
    service = createBridgeService({
      settings: () => parseSettings(settings(), "test"),
      apiKey: () => Promise.resolve(undefined),
      redact: (text) => text,
      log: createTestLog(),
      clock: systemClock,
      version: "0.0.0",
    });
    service.onState((state) => states.push(short(state)));
  });

  afterEach(async () => {
    await service.stop();
    await provider.close();
  });

  const running = () => {
    const { state } = service;
    assert.ok(state.kind === "running", inspect(state));
    return state;
  };
  const modelsShown = () =>
    eventually("the number of models is shown", () => short(service.state) === "running 1");

  it("tells each change of state once and in order", async () => {
    await service.start();
    await modelsShown();
    await service.restart();
    await modelsShown();
    await service.stop();
    const round = ["starting", "running", "running 1", "stopping", "stopped"];
    assert.deepEqual(states, [...round, ...round]);
  });

  it("tells nobody who has unsubscribed", async () => {
    const seen: string[] = [];
    const unsubscribe = service.onState((state) => seen.push(state.kind));
    await service.start();
    unsubscribe();
    await service.stop();
    assert.deepEqual(seen.slice(0, 2), ["starting", "running"]);
    assert.ok(!seen.includes("stopped"));
  });

  it("hangs up on a provider that is still making its list of models", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    settings = () => ({
      port: 0,
      providers: [{ id: "silent", baseUrl: `http://127.0.0.1:${port}` }],
    });
    const asked = once(silent, "connection") as Promise<[Socket]>;
    await service.start();
    const [socket] = await within("the provider is asked", asked);
    socket.on("error", () => undefined).resume();
    const hungUp = once(socket, "close");
    await service.stop();
    await within("the provider sees it", hungUp);
    assert.deepEqual(states, ["starting", "running", "stopping", "stopped"]);
    silent.close();
  });

  it("starts once when it is started twice at once", async () => {
    await Promise.all([service.start(), service.start()]);
    await modelsShown();
    assert.deepEqual(states, ["starting", "running", "running 1"]);
  });

  it("restarts with the settings of that moment", async () => {
    await service.start();
    settings = () => ({ port: 0, providers: [{ id: "renamed", baseUrl: provider.baseUrl }] });
    await service.restart();
    assert.deepEqual(
      running().providers.map(({ id }) => id),
      ["renamed"],
    );
  });

  it("is stopped, not half open, after a restart with wrong settings", async () => {
    await service.start();
    const { url } = running();
    settings = () => ({ port: -1 });
    await assert.rejects(service.restart(), { code: "invalid_settings" });
    assert.equal(service.state.kind, "failed");
    await assert.rejects(fetch(url));
    await service.stop();
    assert.equal(service.state.kind, "stopped");
  });

  it("turns an unexpected failure into a state that hides its text", async () => {
    settings = () => {
      throw new TypeError("secret detail");
    };
    await assert.rejects(service.start(), (error) => {
      assert.ok(error instanceof BridgeError);
      assert.equal(error.code, "internal");
      assert.doesNotMatch(error.message, /secret detail/);
      return true;
    });
    assert.equal(service.state.kind, "failed");
  });

  it("lets a stream that ends soon come to its natural end", async () => {
    let finish: () => void = () => undefined;
    provider.answer = (response) => {
      response.write(textEvent("Hello"));
      finish = () => response.end(textEvent(" world") + END);
    };
    await service.start();
    const response = await askChat(running().url);
    const stopped = service.stop();
    assert.equal(service.state.kind, "running", "transitions are queued");
    await eventually("it is stopping", () => service.state.kind === "stopping");
    finish();
    const lines = parseLines(await within("the stream ends", response.text()));
    await within("the service stops", stopped, 3000);
    assert.equal(textOf(lines), "Hello world");
    assert.equal(lines.at(-1)?.done, true);
  });

  it("stops at once when there are only idle connections", async () => {
    await service.start();
    const client = await connectRaw(running().port);
    client.socket.write("GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.equal((await client.reply()).status, 200);
    await within("the service stops", service.stop(), 1000);
    await within("the client sees it", client.closed);
  });

  it("stops in less than 3 s though a client sends only half a request", async () => {
    await service.start();
    const client = await connectRaw(running().port);
    client.socket.write(
      "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    );
    await within("the service stops", service.stop(), 3000);
    await within("the client sees it", client.closed);
  });

  it("stops in less than 3 s though a provider is silent and a client waits", async () => {
    provider.answer = () => undefined;
    await service.start();
    const answer = askChat(running().url);
    await eventually("the provider is asked", () =>
      provider.requests.some(({ path }) => path.endsWith("/chat/completions")),
    );
    const stopped = service.stop();
    const response = await within("the client is told", answer);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /Llama Bridge is stopping/);
    await within("the service stops", stopped, 3000);
  });
});
