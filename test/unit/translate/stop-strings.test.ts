import assert from "node:assert/strict";
import fc from "fast-check";
import { createStopFilter } from "../../../src/translate/stop-strings.ts";

function filter(stops: string[], parts: string[]) {
  const stop = createStopFilter(stops);
  const pushed = parts.map((part) => stop.push(part));
  const isStopped = stop.isStopped;
  return { pushed, text: pushed.join("") + stop.end(), isStopped };
}

/** A letter at a time, until one of them stands at the end; of several the longest. */
function naive(stops: string[], whole: string): string {
  for (let end = 0; end <= whole.length; end++) {
    const said = whole.slice(0, end);
    const met = stops.filter((stop) => said.endsWith(stop)).map((stop) => stop.length);
    if (met.length > 0) return said.slice(0, end - Math.max(...met));
  }
  return whole;
}

const letters = fc.string({ unit: fc.constantFrom("a", "b", "\n", "é"), maxLength: 5 });

describe("stop strings", () => {
  it("end the text where the first of them that is complete begins", () => {
    const { text, isStopped } = filter(["END", "\n\n"], ["one E", "ND of it"]);
    assert.deepEqual([text, isStopped], ["one ", true]);
  });

  it("let out what only looked like one", () => {
    assert.deepEqual(filter(["END"], ["EN", "TER"]).text, "ENTER");
    assert.deepEqual(filter(["END"], ["the EN"]).text, "the EN");
  });

  it("hold back nothing else", () => {
    assert.deepEqual(filter(["END"], ["one ", "two E", "x"]).pushed, ["one ", "two ", "Ex"]);
  });

  it("that are empty stop nothing", () => {
    assert.deepEqual(filter([""], ["text"]), { pushed: ["text"], text: "text", isStopped: false });
  });

  it("never leak a part, and lose nothing else, wherever the text is cut", () => {
    const some = fc.array(
      letters.filter((stop) => stop !== ""),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(some, fc.array(letters), (stops, parts) => {
        const { text, pushed } = filter(stops, parts);
        const expected = naive(stops, parts.join(""));
        assert.equal(text, expected);
        // Nothing left before it was clear that it stays.
        assert.ok(expected.startsWith(pushed.join("")));
      }),
      { numRuns: 1000 },
    );
  });
});
