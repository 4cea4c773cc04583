import assert from "node:assert/strict";
import { startFakeProvider } from "../support/fake-provider.ts";
import { startBridge } from "../support/running-bridge.ts";

const MODELS = Array.from({ length: 400 }, (_, index) => `vendor/model-${index}`);

describe("four hundred requests at once, each on a connection of its own", () => {
  it("are all answered, for one list of the provider's", async () => {
    const provider = await startFakeProvider(undefined, { models: MODELS });
    const bridge = await startBridge(provider.baseUrl);
    try {
      const names = await Promise.all(
        MODELS.map(async (model) => {
          const body = JSON.stringify({ model });
          const response = await fetch(`${bridge.url}/api/show`, { method: "POST", body });
          const shown = (await response.json()) as { model_info: Record<string, unknown> };
          return shown.model_info["general.basename"];
        }),
      );
      assert.deepEqual(names, MODELS);
      assert.equal(provider.requests.length, 1);
    } finally {
      await bridge.close();
      await provider.close();
    }
  });
});
