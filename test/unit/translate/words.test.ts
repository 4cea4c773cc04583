import assert from "node:assert/strict";
import { toResponseFormat } from "../../../src/translate/format.ts";
import { toKeepAlive } from "../../../src/translate/keep-alive.ts";
import { wantsThinking } from "../../../src/translate/think.ts";

describe("toKeepAlive", () => {
  const CASES: [number | string | null | undefined, number][] = [
    [undefined, 300],
    [null, 300],
    [0, 0],
    ["0", 0],
    [60, 60],
    [1.5, 1.5],
    ["10m", 600],
    ["24h", 86_400],
    [-1, Infinity],
    ["-1m", Infinity],
    ["-1s", Infinity],
  ];

  for (const [keepAlive, seconds] of CASES) {
    it(`keeps a model ${seconds} s for ${JSON.stringify(keepAlive)}`, () => {
      assert.equal(toKeepAlive(keepAlive), seconds);
    });
  }

  it("refuses what is no duration in Go's words", () => {
    const message = 'time: missing unit in duration "5"';
    assert.throws(() => toKeepAlive("5"), { code: "invalid_request", message });
  });
});

describe("wantsThinking", () => {
  for (const think of [true, "high", "medium", "low", "max"]) {
    it(`says yes to ${JSON.stringify(think)}`, () => {
      assert.equal(wantsThinking(think), true);
    });
  }

  for (const think of [false, null, undefined]) {
    it(`says no to ${String(think)}`, () => {
      assert.equal(wantsThinking(think), false);
    });
  }

  for (const think of ["", "HIGH", "true", "x"]) {
    it(`refuses ${JSON.stringify(think)}`, () => {
      assert.throws(() => wantsThinking(think), {
        code: "invalid_request",
        message: `invalid think value: "${think}" (must be "high", "medium", "low", "max", true, or false)`,
      });
    });
  }
});

describe("toResponseFormat", () => {
  for (const format of [undefined, null, ""]) {
    it(`takes ${JSON.stringify(format)} for no format`, () => {
      assert.equal(toResponseFormat(format), undefined);
    });
  }

  it("takes json, and a schema", () => {
    assert.deepEqual(toResponseFormat("json"), { type: "json_object" });
    const schema = { type: "object" };
    assert.deepEqual(toResponseFormat(schema), {
      type: "json_schema",
      json_schema: { name: "schema", schema },
    });
  });

  for (const format of ["yaml", "JSON", 7, true, [], ["json"]]) {
    it(`refuses ${JSON.stringify(format)} in Ollama's words`, () => {
      assert.throws(() => toResponseFormat(format), {
        code: "invalid_option",
        message: `invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`,
      });
    });
  }
});
