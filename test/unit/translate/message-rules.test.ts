import assert from "node:assert/strict";
import type { MessageRules } from "../../../src/protocol/dialect.ts";
import type * as openai from "../../../src/protocol/openai.ts";
import { followRules } from "../../../src/translate/message-rules.ts";

const NONE: MessageRules = {
  system: "system",
  oneSystem: false,
  merged: false,
  textOnly: false,
  answeredTools: false,
  prefill: "none",
};

const system = (content: string) => ({ role: "system", content });
const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const call = { id: "c", type: "function" as const, function: { name: "f", arguments: "{}" } };
const image = { type: "image_url" as const, image_url: { url: "data:image/png;base64,AA==" } };

/** What it is for, the rules, before and after. */
const CASES: [string, Partial<MessageRules>, openai.ChatMessage[], openai.ChatMessage[]][] = [
  [
    "no rules change nothing",
    {},
    [user("a"), user("b"), system("c")],
    [user("a"), user("b"), system("c")],
  ],
  [
    "several instructions become one in front",
    { oneSystem: true },
    [system("a"), user("b"), system("c")],
    [system("a\n\nc"), user("b")],
  ],
  [
    "instructions become the developer's",
    { system: "developer" },
    [system("a"), user("b")],
    [{ role: "developer", content: "a" }, user("b")],
  ],
  [
    "instructions become the user's first words",
    { system: "user" },
    [system("a"), user("b"), assistant("c")],
    [user("a\n\nb"), assistant("c")],
  ],
  ["instructions alone become the user's", { system: "user" }, [system("a")], [user("a")]],
  [
    "neighbours are merged",
    { merged: true },
    [user("a"), user("b"), assistant("c"), assistant("d"), user("e")],
    [user("a\n\nb"), assistant("c\n\nd"), user("e")],
  ],
  [
    "neighbours with images are merged as parts",
    { merged: true },
    [user("a"), { role: "user", content: [image] }],
    [{ role: "user", content: [{ type: "text", text: "a" }, image] }],
  ],
  [
    "words and calls of one assistant are merged",
    { merged: true },
    [assistant("a"), { role: "assistant", content: "", tool_calls: [call] }],
    [{ role: "assistant", content: "a", tool_calls: [call] }],
  ],
  [
    "results of tools stay apart",
    { merged: true },
    [
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "b", content: "2" },
    ],
    [
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "b", content: "2" },
    ],
  ],
  [
    "the assistant speaks between a result and the user",
    { answeredTools: true },
    [{ role: "tool", tool_call_id: "a", content: "1" }, user("b")],
    [
      { role: "tool", tool_call_id: "a", content: "1" },
      assistant("I have read the result."),
      user("b"),
    ],
  ],
  [
    "a beginning is marked as Mistral wants it",
    { prefill: "prefix" },
    [user("a"), assistant("b")],
    [user("a"), { ...assistant("b"), prefix: true } as openai.ChatMessage],
  ],
  [
    "and as Moonshot does",
    { prefill: "partial" },
    [user("a"), assistant("b")],
    [user("a"), { ...assistant("b"), partial: true } as openai.ChatMessage],
  ],
  [
    "an answer in the middle is no beginning",
    { prefill: "prefix" },
    [assistant("b"), user("a")],
    [assistant("b"), user("a")],
  ],
  ["text is text", { textOnly: true }, [user("a")], [user("a")]],
];

describe("followRules", () => {
  for (const [name, rules, before, after] of CASES) {
    it(name, () => {
      assert.deepEqual(followRules(before, { ...NONE, ...rules }), after);
    });
  }

  it("refuses images in words where there is only text", () => {
    const messages = [{ role: "user", content: [image] }];
    assert.throws(() => followRules(messages, { ...NONE, textOnly: true }), {
      code: "invalid_request",
      message: /does not support images/,
    });
  });
});
