import assert from "node:assert/strict";
import fc from "fast-check";
import { createLineLog, LOG_LEVELS, type LogLevel } from "../../../src/service/line-log.ts";
import { createTestClock } from "../../support/clock.ts";

function createLog(level: LogLevel = "trace") {
  const lines: string[] = [];
  const log = createLineLog({ level, clock: createTestClock(), write: (line) => lines.push(line) });
  return { log, lines };
}

const FACTS: [unknown, string][] = [
  ["POST", "POST"],
  ["", '""'],
  ["two words", '"two words"'],
  ["a=b", '"a=b"'],
  ['say "x"', '"say \\"x\\""'],
  ["forged\n2026-01-02T09:30:00.005Z ERROR x", '"forged\\n2026-01-02T09:30:00.005Z ERROR x"'],
  ["\u001b[31mred", '"\\u001b[31mred"'],
  [200, "200"],
  [0.5, "0.5"],
  [true, "true"],
  [null, "null"],
  [{ a: 1 }, '"{\\"a\\":1}"'],
  ["http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"],
];

describe("createLineLog", () => {
  it("writes time, level, message and facts", () => {
    const { log, lines } = createLog();
    log.info("request done", { route: "GET /", status: 200, provider: undefined });
    log.warn("nothing more");
    assert.deepEqual(lines, [
      '2026-01-02T09:30:00.005Z INFO  request done route="GET /" status=200',
      "2026-01-02T09:30:00.005Z WARN  nothing more",
    ]);
  });

  for (const [value, written] of FACTS) {
    it(`writes the value ${JSON.stringify(value)} as ${written}`, () => {
      const { log, lines } = createLog();
      log.info("m", { fact: value });
      assert.equal(lines[0]?.split(" fact=")[1], written);
    });
  }

  for (const level of LOG_LEVELS) {
    it(`at ${level} writes that level and what is louder`, () => {
      const { log, lines } = createLog(level);
      for (const name of LOG_LEVELS) log[name](name);
      const written = lines.map((line) => line.split(" ").at(-1));
      assert.deepEqual(written, LOG_LEVELS.slice(LOG_LEVELS.indexOf(level)));
    });
  }

  it("stays one line of printable text for any values", () => {
    const unit = fc.constantFrom(
      "a",
      " ",
      '"',
      "\n",
      "\r",
      "\0",
      "\u007f",
      "\u0085",
      "\u009b",
      "\u2028",
    );
    const text = fc.string({ unit });
    const value = fc.oneof(text, fc.anything({ withBigInt: false, withNullPrototype: true }));
    fc.assert(
      fc.property(value, text, (one, two) => {
        const { log, lines } = createLog();
        log.error("message", { one, two });
        assert.equal(lines.length, 1);
        assert.doesNotMatch(lines[0] ?? "", /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
    );
  });
});
