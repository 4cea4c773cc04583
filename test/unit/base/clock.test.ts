import assert from "node:assert/strict";
import fc from "fast-check";
import { createTimestamps } from "../../../src/base/clock.ts";

function timestampsAt(wall: () => number): () => string {
  return createTimestamps({ wall, monotonic: () => 0 });
}

describe("createTimestamps", () => {
  it("writes the same as toISOString for any time, whichever came before", () => {
    let now = 0;
    const timestamp = timestampsAt(() => now);
    const time = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, fc.integer({ min: 0, max: 2500 }))), (times) => {
        for (const [start, step] of times) {
          for (now of [start, start + step, start]) {
            assert.equal(timestamp(), new Date(now).toISOString());
          }
        }
      }),
    );
  });

  it("cuts fractions of a millisecond instead of rounding into the next second", () => {
    const timestamp = timestampsAt(() => Date.UTC(2026, 0, 2) + 999.9);
    assert.equal(timestamp(), "2026-01-02T00:00:00.999Z");
  });

  it("follows a clock that is set back", () => {
    let now = Date.UTC(2026, 0, 2, 12, 0, 5);
    const timestamp = timestampsAt(() => now);
    timestamp();
    now -= 3_600_000;
    assert.equal(timestamp(), "2026-01-02T11:00:05.000Z");
  });
});
