import assert from "node:assert/strict";
import { systemClock } from "../../src/base/clock.ts";
import { createBridgeService } from "../../src/service/bridge-service.ts";
import { parseSettings } from "../../src/service/settings.ts";
import { eventually } from "../support/deadline.ts";
import { json, startFakeProvider } from "../support/fake-provider.ts";
import { createTestLog } from "../support/log.ts";
import { askChat } from "../support/running-bridge.ts";

describe("the state of the bridge", () => {
  it("shows that a provider fails again and again, and is left alone", async () => {
    const provider = await startFakeProvider(json({ error: "down" }, { status: 500 }));
    const providers = [{ id: "p", baseUrl: provider.baseUrl }];
    const service = createBridgeService({
      settings: () => parseSettings({ port: 0, providers, retry: { attempts: 1 } }, "test"),
      apiKey: () => Promise.resolve(undefined),
      redact: (text) => text,
      log: createTestLog(),
      clock: systemClock,
      version: "0.0.0",
    });
    await service.start();
    const breakerShown = () =>
      service.state.kind === "running" ? service.state.providers[0]?.breaker : undefined;
    try {
      assert.equal(breakerShown(), "closed");
      const url = service.state.kind === "running" ? service.state.url : "";
      for (let failures = 0; failures < 5; failures++) {
        assert.equal((await askChat(url)).status, 502);
      }
      await eventually("the state says so", () => breakerShown() === "open");
    } finally {
      await service.stop();
      await provider.close();
    }
  });
});
