import assert from "node:assert/strict";
import type { Usage } from "../../../src/protocol/openai.ts";
import { toOutcome, type Remains } from "../../../src/translate/outcome.ts";

const NOTHING: Remains = {
  finishReason: undefined,
  usage: undefined,
  complete: false,
  hasText: false,
};

const STOPS = [
  "stop",
  "eos",
  "eos_token",
  "end",
  "end_turn",
  "stop_sequence",
  "STOP",
  "",
  "tool_calls",
  "whatever comes",
];

const LENGTHS = [
  "length",
  "max_tokens",
  "MAX_TOKENS",
  "model_length",
  "max_output_tokens",
  "model_context_window_exceeded",
];

const FAILURES = ["error", "network_error", "insufficient_system_resource"];
const FILTERS = ["content_filter", "sensitive", "SAFETY"];

const BROKEN: [string, Partial<Remains>, RegExp][] = [
  ["nothing at all", {}, /without an answer/],
  ["text and no end", { hasText: true }, /in the middle/],
  ["[DONE] only", { complete: true }, /without an answer/],
  ["usage only", { usage: { prompt_tokens: 1 } }, /without an answer/],
];

const COUNTS: [string, Usage | undefined, object][] = [
  ["none", undefined, {}],
  ["empty", {}, {}],
  ["null", { prompt_tokens: null, completion_tokens: null, total_tokens: null }, {}],
  ["zeros", { prompt_tokens: 0, completion_tokens: 0 }, { promptTokens: 0, completionTokens: 0 }],
  ["both", { prompt_tokens: 7, completion_tokens: 2 }, { promptTokens: 7, completionTokens: 2 }],
  ["a prompt only", { prompt_tokens: 7 }, { promptTokens: 7 }],
  [
    "xAI's, which leave reasoning out",
    { prompt_tokens: 432, completion_tokens: 68, total_tokens: 636 },
    { promptTokens: 432, completionTokens: 204 },
  ],
  [
    "none where they are no numbers",
    { prompt_tokens: "7", completion_tokens: [1], total_tokens: "9" } as unknown as Usage,
    {},
  ],
  [
    "a total smaller than its parts",
    { prompt_tokens: 7, completion_tokens: 9, total_tokens: 10 },
    { promptTokens: 7, completionTokens: 9 },
  ],
];

describe("toOutcome", () => {
  for (const finishReason of STOPS) {
    it(`calls the reason "${finishReason}" a stop`, () => {
      const outcome = toOutcome({ ...NOTHING, finishReason, hasText: true });
      assert.deepEqual(outcome, { kind: "finished", doneReason: "stop" });
    });
  }

  for (const finishReason of LENGTHS) {
    it(`calls the reason "${finishReason}" a length`, () => {
      const outcome = toOutcome({ ...NOTHING, finishReason, hasText: true });
      assert.deepEqual(outcome, { kind: "finished", doneReason: "length" });
    });
  }

  for (const finishReason of FAILURES) {
    it(`calls the reason "${finishReason}" broken, text or not`, () => {
      for (const hasText of [true, false]) {
        const outcome = toOutcome({ ...NOTHING, finishReason, hasText, complete: true });
        assert.ok(outcome.kind === "broken" && outcome.reason.includes(finishReason));
      }
    });
  }

  for (const finishReason of FILTERS) {
    it(`calls the reason "${finishReason}" a stop behind text and broken without`, () => {
      const remains = { ...NOTHING, finishReason, complete: true };
      assert.equal(toOutcome({ ...remains, hasText: true }).kind, "finished");
      const outcome = toOutcome(remains);
      assert.ok(outcome.kind === "broken" && /filter/.test(outcome.reason));
    });
  }

  for (const [name, remains, reason] of BROKEN) {
    it(`calls ${name} broken`, () => {
      const outcome = toOutcome({ ...NOTHING, ...remains });
      assert.ok(outcome.kind === "broken");
      assert.match(outcome.reason, reason);
    });
  }

  it("takes a stop without text for an empty answer, which models give", () => {
    assert.equal(toOutcome({ ...NOTHING, finishReason: "stop" }).kind, "finished");
  });

  it("takes [DONE] or usage behind text for an end", () => {
    for (const ended of [{ complete: true }, { usage: { prompt_tokens: 1 } }]) {
      assert.equal(toOutcome({ ...NOTHING, hasText: true, ...ended }).kind, "finished");
    }
  });

  for (const [name, usage, counts] of COUNTS) {
    it(`takes counts as they are told: ${name}`, () => {
      const outcome = toOutcome({ ...NOTHING, finishReason: "stop", usage });
      assert.deepEqual(outcome, { kind: "finished", doneReason: "stop", ...counts });
    });
  }
});
