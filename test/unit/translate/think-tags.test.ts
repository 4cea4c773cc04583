import assert from "node:assert/strict";
import fc from "fast-check";
import type { Piece } from "../../../src/translate/reasoning.ts";
import {
  beginningOf,
  createThinkTagSplitter,
  type Beginning,
} from "../../../src/translate/think-tags.ts";

function split(pieces: string[], beginning: Beginning = "text") {
  const splitter = createThinkTagSplitter({ beginning });
  const out: Piece[] = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  const join = (kind: Piece["kind"]) =>
    out.map((piece) => (piece.kind === kind ? piece.text : "")).join("");
  return { text: join("text"), thinking: join("thinking"), splitter };
}

const CASES: [name: string, whole: string, thinking: string, text: string][] = [
  ["no tags at all", "Hello <b>world</b>", "", "Hello <b>world</b>"],
  ["the usual ones", "<think>\nLet me see.\n</think>\n\nYes.", "Let me see.", "Yes."],
  ["white space in front", "\n <think>a</think>b", "a", "b"],
  ["<thinking>", "<thinking>a</thinking>\nb", "a", "b"],
  ["Gemini's", "<thought>a</thought>\nb", "a", "b"],
  ["Magistral's", "[THINK]a[/THINK]b", "a", "b"],
  ["Kimi-VL's", "◁think▷a◁/think▷b", "a", "b"],
  [
    "those of gpt-oss",
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
    "a",
    "b",
  ],
  ["two in a row", "<think>a</think>\n<think>b</think>\nc", "ab", "c"],
  ["an empty one", "<think>\n\n</think>\n\nc", "", "c"],
  ["one that is never closed", "<think>half a thou", "half a thou", ""],
  [
    "tags in the middle of the text, which are text",
    "Use <think>a</think> here",
    "",
    "Use <think>a</think> here",
  ],
  [
    "a closing tag in a sentence, which is text",
    "The tag </think> ends it.",
    "",
    "The tag </think> ends it.",
  ],
  ["what only looks like a tag", "<thin ice>", "", "<thin ice>"],
  ["half a tag at the end", "<thi", "", "<thi"],
  ["indentation behind the thinking", "<think>a</think>\n    return 1", "a", "    return 1"],
  ["white space that belongs to the text", "  indented", "", "  indented"],
];

describe("thinking between tags", () => {
  for (const [name, whole, thinking, text] of CASES) {
    it(`is split from the text, wherever it is cut: ${name}`, () => {
      for (const parts of [[whole], Array.from(whole), whole.match(/.{1,3}/gsu) ?? []]) {
        const got = split(parts);
        assert.equal(got.text, text);
        assert.equal(got.thinking.trimEnd(), thinking);
      }
    });
  }

  it("is found without its opening tag, when nothing has left yet", () => {
    const { text, thinking, splitter } = split(["Let me see.\n</think>\n\nYes."]);
    assert.deepEqual([thinking, text], ["Let me see.", "Yes."]);
    assert.equal(splitter.closedSilently, true);
  });

  it("leaves what has left as text, and drops the tag", () => {
    const { text, splitter } = split(["Let me", " see.\n", "</thi", "nk>\n\nYes."]);
    assert.equal(text, "Let me see.\nYes.");
    assert.equal(splitter.closedSilently, true);
  });

  it("waits for a closing tag where the model's template may have opened it", () => {
    const whole = "Let me see.\n</think>\n\nYes.";
    for (const parts of [[whole], Array.from(whole)]) {
      const { text, thinking } = split(parts, "either");
      assert.deepEqual([thinking, text], ["Let me see.", "Yes."]);
    }
    assert.equal(split(Array.from("No thinking here."), "either").text, "No thinking here.");
    assert.equal(split(Array.from("<think>a</think>b"), "either").text, "b");
  });

  it("flows at once where the model is known to begin in the middle of it", () => {
    const splitter = createThinkTagSplitter({ beginning: "thinking" });
    assert.deepEqual(splitter.push("Let me"), [{ kind: "thinking", text: "Let me" }]);
    assert.deepEqual(splitter.push(" see</think>"), [{ kind: "thinking", text: " see" }]);
    assert.deepEqual(splitter.push("\n\nYes"), [{ kind: "text", text: "Yes" }]);
    assert.equal(splitter.neverClosed, false);
  });

  it("is told when it was all there was", () => {
    const { splitter, thinking } = split(["only words"], "thinking");
    assert.equal(thinking, "only words");
    assert.equal(splitter.neverClosed, true);
  });

  it("does not depend on where the answer is cut", () => {
    const token = fc.constantFrom("<think>", "</think>", "\n", "a", " ", "<", "b</", "think>");
    fc.assert(
      fc.property(fc.array(token), fc.array(fc.nat(6)), (tokens, cuts) => {
        const whole = tokens.join("");
        const parts: string[] = [];
        let rest = whole;
        for (const cut of cuts) {
          parts.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        parts.push(rest);
        const together = split(Array.from(whole), "either");
        const apart = split(parts, "either");
        assert.deepEqual(
          [apart.text, apart.thinking],
          [together.text, together.thinking],
          JSON.stringify(parts),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("changes nothing of a text without tags", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const whole = parts.join("");
        fc.pre(!/think|thought|reasoning|THINK|channel/.test(whole));
        assert.equal(split(parts).text, whole);
      }),
    );
  });
});

describe("how a model's answers begin", () => {
  for (const id of ["deepseek-ai/DeepSeek-R1", "qwq-32b", "Qwen/Qwen3-30B-A3B-Thinking-2507"]) {
    it(`is unknown for ${id}, whose template opens the tag`, () => {
      assert.equal(beginningOf(id), "either");
    });
  }

  for (const id of ["gpt-4o", "deepseek-chat", "qwen3-coder", "mistral-small"]) {
    it(`is with text for ${id}`, () => {
      assert.equal(beginningOf(id), "text");
    });
  }
});
