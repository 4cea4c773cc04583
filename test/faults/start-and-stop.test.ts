import assert from "node:assert/strict";
import { createServer } from "node:net";
import { systemClock } from "../../src/base/clock.ts";
import { BridgeError } from "../../src/base/errors.ts";
import { createBridgeService, type BridgeService } from "../../src/service/bridge-service.ts";
import { parseSettings } from "../../src/service/settings.ts";
import { eventually, within } from "../support/deadline.ts";
import { startFakeProvider, textChunks } from "../support/fake-provider.ts";
import { createTestLog } from "../support/log.ts";
import { askChat } from "../support/running-bridge.ts";

interface World {
  settings: () => object;
  key: string | undefined;
}

function createService(world: World): { service: BridgeService; states: string[] } {
  const service = createBridgeService({
    settings: () => parseSettings({ port: 0, ...world.settings() }, "test"),
    apiKey: () => Promise.resolve(world.key),
    redact: (text) => text,
    log: createTestLog(),
    clock: systemClock,
    version: "0.0.0",
  });
  const states: string[] = [];
  service.onState(({ kind }) => {
    if (states.at(-1) !== kind) states.push(kind);
  });
  return { service, states };
}

const urlOf = ({ state }: BridgeService) => (state.kind === "running" ? state.url : "");

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () =>
      server.close(() => {
        resolve(true);
      }),
    );
  });
}

describe("the service", () => {
  it("starts and stops, and says so in order", async () => {
    const { service, states } = createService({ settings: () => ({}), key: undefined });
    await service.start();
    await service.start();
    const url = urlOf(service);
    assert.equal((await fetch(url)).status, 200);
    await service.stop();
    await service.stop();
    assert.deepEqual(states, ["starting", "running", "stopping", "stopped"]);
    await assert.rejects(fetch(url));
  });

  it("takes transitions one after the other, and restarts that wait for each other as one", async () => {
    const { service, states } = createService({ settings: () => ({}), key: undefined });
    await Promise.all([service.start(), service.restart(), service.restart(), service.restart()]);
    await Promise.all([service.stop(), service.start(), service.stop()]);
    const round = ["starting", "running", "stopping", "stopped"];
    assert.deepEqual(states, [...round, ...round, ...round]);
  });

  it("frees the port at once and ends in less than 3 s, though a stream runs on", async () => {
    const provider = await startFakeProvider((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${textChunks("Hello")[1] ?? ""}\n\n`);
    });
    const providers = [{ id: "local", baseUrl: provider.baseUrl }];
    const { service } = createService({ settings: () => ({ providers }), key: undefined });
    await service.start();
    const port = Number(new URL(urlOf(service)).port);
    const response = await askChat(urlOf(service));
    const stopped = service.stop();
    await eventually("the port is free", () => isFree(port), 1000);
    await within("the service stops", stopped, 3000);
    assert.match(await response.text(), /\{"error":"Llama Bridge is stopping\."\}\n$/);
    await provider.close();
  });

  it("fails on a taken port, names it, and starts once it is free", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as { port: number };
    const { service } = createService({ settings: () => ({ port }), key: undefined });
    await assert.rejects(service.start(), (error) => {
      assert.ok(error instanceof BridgeError);
      assert.equal(error.code, "port_taken");
      assert.match(error.message, new RegExp(`Port ${port} `));
      return true;
    });
    assert.equal(service.state.kind, "failed");
    await new Promise((resolve) => blocker.close(resolve));
    await service.start();
    assert.equal(service.state.kind, "running");
    await service.stop();
  });

  it("fails on wrong settings and reads them again at the next start", async () => {
    let settings: object = { port: "x" };
    const { service } = createService({ settings: () => settings, key: undefined });
    await assert.rejects(service.start(), { code: "invalid_settings" });
    settings = { host: "10.0.0.1" };
    await assert.rejects(service.start(), /other machines could reach/);
    settings = {};
    await service.start();
    await service.stop();
  });

  it("sees which providers have a key, and looks again when told to", async () => {
    const provider = await startFakeProvider();
    const providers = [
      { id: "far", baseUrl: "https://provider.invalid/v1" },
      { id: "near", baseUrl: provider.baseUrl },
    ];
    const world: World = { settings: () => ({ providers }), key: undefined };
    const { service } = createService(world);
    await service.start();
    const keys = () =>
      service.state.kind === "running" ? service.state.providers.map(({ key }) => key) : [];
    assert.deepEqual(keys(), ["absent", "not needed"]);
    world.key = "test-key";
    await service.refresh();
    assert.deepEqual(keys(), ["present", "present"]);
    assert.equal(service.state.kind === "running" && service.state.modelCount, 1);
    await service.stop();
    await provider.close();
  });

  it("tests the connection of each provider without being started", async () => {
    const provider = await startFakeProvider(undefined, { models: ["a", "b"] });
    const gone = await startFakeProvider();
    await gone.close();
    const providers = [
      { id: "fine", baseUrl: provider.baseUrl },
      { id: "gone", baseUrl: gone.baseUrl },
    ];
    const { service } = createService({ settings: () => ({ providers }), key: undefined });
    const [fine, lost] = await service.testConnection();
    assert.equal(fine?.modelCount, 2);
    assert.match(lost?.error?.message ?? "", /^gone: nothing listens there/);
    assert.equal(service.state.kind, "stopped");
    await provider.close();
  });
});
