import assert from "node:assert/strict";
import { parseDuration } from "../../../src/protocol/duration.ts";

/** Seconds as Go's `time.ParseDuration` has them. */
const DURATIONS: [string, number][] = [
  ["0", 0],
  ["+0", 0],
  ["-0", 0],
  ["0s", 0],
  ["5m", 300],
  ["24h", 86_400],
  ["1h30m", 5400],
  ["1h2m3s4ms", 3723.004],
  ["1.5h", 5400],
  ["1.s", 1],
  [".5s", 0.5],
  ["-1.5h", -5400],
  ["+5s", 5],
  ["-1s", -1],
  ["300ms", 0.3],
  ["100us", 0.0001],
  ["100µs", 0.0001],
  ["100μs", 0.0001],
  ["1ns", 1e-9],
  ["3s2h", 7203],
  ["1m1m", 120],
];

const MISSING_UNIT = ["5", "-1", "+5", "1.5", ".5", "300"];

const INVALID = ["", "x", "5 m", " 5m", "5m ", "5x", "5d", "m", "-", "+", ".", ".s", "5M", "--5s"];

describe("parseDuration", () => {
  for (const [text, seconds] of DURATIONS) {
    it(`reads "${text}" as ${seconds} seconds`, () => {
      const read = parseDuration(text);
      assert.ok(typeof read === "number", JSON.stringify(read));
      assert.ok(Math.abs(read - seconds) < 1e-9, `${read}`);
    });
  }

  for (const text of MISSING_UNIT) {
    it(`misses the unit in "${text}", in Go's words`, () => {
      const error = `time: missing unit in duration "${text}"`;
      assert.deepEqual(parseDuration(text), { error });
    });
  }

  for (const text of INVALID) {
    it(`refuses "${text}", in Go's words`, () => {
      assert.match(JSON.stringify(parseDuration(text)), /"time: (invalid|unknown unit|missing)/);
    });
  }

  it("refuses long nonsense at once", () => {
    const text = `${"1".repeat(100_000)}x`;
    assert.equal(typeof parseDuration(text), "object");
  });
});
