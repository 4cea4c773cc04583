import assert from "node:assert/strict";
import { createLoadedModels } from "../../../src/catalog/loaded-models.ts";
import { toModelCard } from "../../../src/catalog/model-card.ts";
import { createTestClock } from "../../support/clock.ts";

const card = (id: string) => toModelCard({ id }, { provider: "p", startedAt: 0 });

describe("createLoadedModels", () => {
  it("keeps a model for its keep_alive and not longer", () => {
    const clock = createTestClock();
    const loaded = createLoadedModels(clock);
    loaded.touch(card("a"), 300);
    clock.advance(299_999);
    assert.deepEqual(
      loaded.list().map(({ card: { name } }) => name),
      ["a:latest"],
    );
    clock.advance(1);
    assert.deepEqual(loaded.list(), []);
  });

  it("counts anew from each use", () => {
    const clock = createTestClock();
    const begin = clock.wall();
    const loaded = createLoadedModels(clock);
    loaded.touch(card("a"), 300);
    clock.advance(200_000);
    loaded.touch(card("a"), 300);
    assert.deepEqual(loaded.list(), [{ card: card("a"), expiresAt: begin + 500_000 }]);
  });

  it("unloads with 0, and does not mind a model that is not there", () => {
    const loaded = createLoadedModels(createTestClock());
    loaded.touch(card("a"), Infinity);
    loaded.touch(card("a"), 0);
    loaded.touch(card("b"), 0);
    assert.deepEqual(loaded.list(), []);
  });

  it("shows the longest remaining first", () => {
    const loaded = createLoadedModels(createTestClock());
    loaded.touch(card("short"), 1);
    loaded.touch(card("forever"), Infinity);
    loaded.touch(card("long"), 1000);
    assert.deepEqual(
      loaded.list().map(({ card: { id } }) => id),
      ["forever", "long", "short"],
    );
  });

  it("has a date that can be written for any keep_alive", () => {
    const loaded = createLoadedModels(createTestClock());
    for (const seconds of [Infinity, 1e300, Number.MAX_SAFE_INTEGER]) {
      loaded.touch(card("a"), seconds);
      const [model] = loaded.list();
      assert.match(new Date(model?.expiresAt ?? NaN).toISOString(), /^2\d{3}-/);
    }
  });
});
