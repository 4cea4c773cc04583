import assert from "node:assert/strict";
import { DONE, type ChatEvent } from "../../../src/protocol/openai.ts";
import { createChatReader } from "../../../src/translate/chat-stream.ts";

function read(...events: ChatEvent[]) {
  const reader = createChatReader();
  const pieces = events.flatMap((event) => reader.push(event));
  const text = pieces.map((piece) => piece.text).join("");
  return { text, outcome: reader.end().outcome };
}

const say = (content: unknown, finish_reason: string | null = null) =>
  ({ choices: [{ delta: { content }, finish_reason }] }) as ChatEvent;

/** Chunks as vendors send them, and the text in each. */
const CHUNKS: [string, unknown, string][] = [
  ["a delta", { choices: [{ delta: { content: "a" } }] }, "a"],
  [
    "a delta beside a whole message (Perplexity)",
    { choices: [{ delta: { content: "a" }, message: { content: "abc" } }] },
    "a",
  ],
  ["a message without a delta", { choices: [{ message: { content: "a" } }] }, "a"],
  ["a refusal", { choices: [{ delta: { content: null, refusal: "no" } }] }, "no"],
  ["null content", { choices: [{ delta: { content: null } }] }, ""],
  ["a role only", { choices: [{ delta: { role: "assistant" } }] }, ""],
  ["no delta", { choices: [{ finish_reason: "stop" }] }, ""],
  ["a null delta", { choices: [{ delta: null }] }, ""],
  ["no choices", { choices: [] }, ""],
  ["null choices", { choices: null, usage: null }, ""],
  ["an empty object", {}, ""],
  ["a number as content", { choices: [{ delta: { content: 7 } }] }, ""],
  ["choices that are none", { choices: "x" }, ""],
  ["a choice that is null", { choices: [null] }, ""],
  ["a choice that is text", { choices: ["x"] }, ""],
  ["a delta that is text", { choices: [{ delta: "x" }] }, ""],
];

describe("createChatReader", () => {
  for (const [name, chunk, text] of CHUNKS) {
    it(`reads ${JSON.stringify(text)} from ${name}`, () => {
      assert.equal(read(chunk as ChatEvent).text, text);
    });
  }

  it("takes the first reason and the last usage", () => {
    const { outcome } = read(
      say("a"),
      { ...(say("", "length") as object), usage: { prompt_tokens: 1, completion_tokens: 1 } },
      say("", "stop"),
      { choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } },
      DONE,
    );
    assert.deepEqual(outcome, {
      kind: "finished",
      doneReason: "length",
      promptTokens: 7,
      completionTokens: 2,
    });
  });

  it("keeps a usage that a later chunk does not repeat", () => {
    const usage = { prompt_tokens: 7, completion_tokens: 2 };
    const { outcome } = read(
      { choices: [], usage },
      { ...(say("a", "stop") as object), usage: null },
    );
    assert.ok(outcome.kind === "finished" && outcome.promptTokens === 7);
  });

  it("finds Groq's usage in its own field", () => {
    const { outcome } = read(say("a", "stop"), { x_groq: { usage: { prompt_tokens: 3 } } });
    assert.ok(outcome.kind === "finished" && outcome.promptTokens === 3);
  });

  it("does not lose text that comes with or after the reason", () => {
    assert.equal(read(say("a"), say("b", "stop"), say("c"), DONE).text, "abc");
  });
});
