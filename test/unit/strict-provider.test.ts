import assert from "node:assert/strict";
import { refusalOf } from "../support/strict-provider.ts";

const CHAT = "/v1/chat/completions";
const hi = { role: "user", content: "Hi" };
const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };
const asked = { role: "assistant", content: null, tool_calls: [call] };
const result = { role: "tool", tool_call_id: "call_1", content: "ok" };
const tool = { type: "function", function: { name: "f", parameters: {} } };

const RIGHT: [string, string, object][] = [
  ["a plain chat", CHAT, { messages: [hi] }],
  [
    "a tool round trip",
    CHAT,
    { messages: [hi, asked, result], tools: [tool], tool_choice: "auto" },
  ],
  ["embeddings", "/v1/embeddings", { input: ["a"] }],
];

const WRONG: [string, string, object][] = [
  ["an unknown field", CHAT, { messages: [hi], top_k: 1 }],
  ["null", CHAT, { messages: [hi], temperature: null }],
  ["empty tools", CHAT, { messages: [hi], tools: [] }],
  ["a choice without tools", CHAT, { messages: [hi], tool_choice: "auto" }],
  [
    "a tool without parameters",
    CHAT,
    { messages: [hi], tools: [{ type: "function", function: { name: "f" } }] },
  ],
  ["five stop strings", CHAT, { messages: [hi], stop: ["a", "b", "c", "d", "e"] }],
  ["options of a stream that is none", CHAT, { messages: [hi], stream_options: {} }],
  ["a result without a call", CHAT, { messages: [hi, result] }],
  ["a call without a result", CHAT, { messages: [hi, asked, hi] }],
  ["a call at the end", CHAT, { messages: [hi, asked] }],
  [
    "a long id",
    CHAT,
    { messages: [hi, { ...asked, tool_calls: [{ ...call, id: "x".repeat(41) }] }] },
  ],
  [
    "arguments that are no text",
    CHAT,
    {
      messages: [
        hi,
        { ...asked, tool_calls: [{ ...call, function: { name: "f", arguments: {} } }] },
      ],
    },
  ],
  ["an unknown role", CHAT, { messages: [{ role: "critic", content: "x" }] }],
  ["an unknown field of a message", CHAT, { messages: [{ ...hi, thinking: "x" }] }],
  ["content that is none", CHAT, { messages: [{ role: "user", content: null }] }],
  [
    "an image of another type",
    CHAT,
    {
      messages: [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "data:image/jpeg;base64,iVBORw0KGgo=" } },
          ],
        },
      ],
    },
  ],
  ["JSON that nobody names", CHAT, { messages: [hi], response_format: { type: "json_object" } }],
  [
    "a schema without a name",
    CHAT,
    { messages: [hi], response_format: { type: "json_schema", json_schema: { schema: {} } } },
  ],
  ["an empty text", "/v1/embeddings", { input: [""] }],
  ["another path", "/v1/nope", {}],
];

describe("the strict provider of these tests", () => {
  for (const [name, path, body] of RIGHT) {
    it(`takes ${name}`, () => {
      assert.equal(refusalOf(path, { model: "m", ...body }), undefined);
    });
  }

  for (const [name, path, body] of WRONG) {
    it(`refuses ${name}`, () => {
      assert.ok(refusalOf(path, { model: "m", ...body }));
    });
  }
});
