import assert from "node:assert/strict";
import { toResponseFormat } from "../../../src/translate/format.ts";
import { toKeepAlive } from "../../../src/translate/keep-alive.ts";
import type { ThinkingStyle } from "../../../src/protocol/dialect.ts";
import { fromEffort, toThink, toThinkingFields, type Think } from "../../../src/translate/think.ts";

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

describe("toThink", () => {
  for (const think of [true, false, "high", "medium", "low", "max"]) {
    it(`takes ${JSON.stringify(think)}`, () => {
      assert.equal(toThink(think), think);
    });
  }

  for (const think of [null, undefined]) {
    it(`leaves ${String(think)} to the model`, () => {
      assert.equal(toThink(think), undefined);
    });
  }

  for (const think of ["", "HIGH", "true", "x"]) {
    it(`refuses ${JSON.stringify(think)}`, () => {
      assert.throws(() => toThink(think), {
        code: "invalid_request",
        message: `invalid think value: "${think}" (must be "high", "medium", "low", "max", true, or false)`,
      });
    });
  }
});

describe("the efforts of /v1", () => {
  for (const [effort, think] of [
    ["none", false],
    ["minimal", "low"],
    ["low", "low"],
    ["high", "high"],
    ["xhigh", "max"],
    ["ultra", "max"],
    ["heroic", undefined],
  ] as const) {
    it(`read ${effort} as ${String(think)}`, () => {
      assert.equal(fromEffort(effort), think);
    });
  }
});

describe("toThinkingFields", () => {
  const levels = ["low", "medium", "high"];
  const CASES: [string, Think | undefined, ThinkingStyle, object][] = [
    ["says nothing when nothing is asked", undefined, { kind: "reasoning" }, {}],
    ["takes the middle for true", true, { kind: "effort", levels }, { reasoning_effort: "medium" }],
    ["takes the highest for max", "max", { kind: "effort", levels }, { reasoning_effort: "high" }],
    [
      "goes up to a level that exists",
      "medium",
      { kind: "effort", levels: ["low", "high"] },
      { reasoning_effort: "high" },
    ],
    ["leaves out what cannot be switched off", false, { kind: "effort", levels }, {}],
    [
      "switches off with the provider's word",
      false,
      { kind: "effort", levels, off: "none" },
      { reasoning_effort: "none" },
    ],
    [
      "has one word for on",
      "high",
      { kind: "effort", levels: [], on: "default", off: "none" },
      { reasoning_effort: "default" },
    ],
    [
      "asks OpenRouter by its object",
      "max",
      { kind: "reasoning" },
      { reasoning: { effort: "xhigh" } },
    ],
    ["asks by type", true, { kind: "type" }, { thinking: { type: "enabled" } }],
    [
      "asks a template",
      false,
      { kind: "template", key: "enable_thinking" },
      { chat_template_kwargs: { enable_thinking: false } },
    ],
    ["keeps silent where no field exists", true, { kind: "none" }, {}],
  ];

  for (const [name, think, style, fields] of CASES) {
    it(name, () => {
      assert.deepEqual(toThinkingFields({ think }, style), fields);
    });
  }

  it("passes a /v1 client's own effort on where there are efforts", () => {
    const asked = { think: "low" as const, effort: "minimal" };
    assert.deepEqual(toThinkingFields(asked, { kind: "effort", levels }), {
      reasoning_effort: "minimal",
    });
    assert.deepEqual(toThinkingFields(asked, { kind: "reasoning" }), {
      reasoning: { effort: "low" },
    });
  });
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
