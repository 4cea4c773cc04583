import type { Clock } from "../../src/base/clock.ts";

/** Half past nine on a quiet morning. */
const TEST_TIME = Date.UTC(2026, 0, 2, 9, 30, 0, 5);

/** Stands still until told otherwise; the two times move together. */
export function createTestClock(): Clock & { advance(ms: number): void } {
  let elapsed = 0;
  return {
    wall: () => TEST_TIME + elapsed,
    monotonic: () => elapsed,
    advance(ms) {
      elapsed += ms;
    },
  };
}
