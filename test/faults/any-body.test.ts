import assert from "node:assert/strict";
import fc from "fast-check";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";

const PATHS = [
  "/api/chat",
  "/api/generate",
  "/api/embed",
  "/api/embeddings",
  "/api/show",
  "/api/pull",
  "/api/create",
  "/api/copy",
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/embeddings",
];

/** Values that clients send at wrong places. */
const odd = fc.constantFrom<unknown>(
  null,
  "",
  "x",
  0,
  -1,
  1.5,
  true,
  [],
  {},
  [null],
  ["x"],
  [1],
  [{}],
  {
    type: "text",
  },
);

const part = fc.oneof(
  odd,
  fc.record({ type: fc.constant("text"), text: odd }),
  fc.record({ type: fc.constant("image_url"), image_url: fc.oneof(odd, fc.record({ url: odd })) }),
);

const call = fc.oneof(
  odd,
  fc.record({
    id: odd,
    function: fc.oneof(odd, fc.record({ name: fc.oneof(odd, fc.constant("f")), arguments: odd })),
  }),
);

const FIELDS = [
  "prompt",
  "suffix",
  "input",
  "system",
  "images",
  "context",
  "raw",
  "tool_choice",
  "format",
  "response_format",
  "think",
  "reasoning_effort",
  "stop",
  "stream",
  "stream_options",
  "keep_alive",
  "logprobs",
  "top_logprobs",
  "dimensions",
  "from",
  "files",
  "parameters",
  "source",
  "destination",
  "max_tokens",
];

const MESSAGE_FIELDS: Record<string, fc.Arbitrary<unknown>> = {
  content: fc.oneof(odd, fc.array(part, { maxLength: 3 })),
  thinking: odd,
  reasoning: odd,
  images: fc.oneof(odd, fc.array(odd, { maxLength: 2 })),
  tool_calls: fc.oneof(odd, fc.array(call, { maxLength: 2 })),
  tool_call_id: odd,
  tool_name: odd,
};

/** A few odd fields: with many of them nearly every request is refused at the first. */
function few(fields: string[], valueOf: (field: string) => fc.Arbitrary<unknown>) {
  return fc
    .array(
      fc.constantFrom(...fields).chain((field) => fc.tuple(fc.constant(field), valueOf(field))),
      { maxLength: 2 },
    )
    .map((entries) => Object.fromEntries(entries));
}

const message = fc
  .tuple(
    fc.constantFrom("user", "assistant", "tool", "system"),
    few(Object.keys(MESSAGE_FIELDS), (field) => MESSAGE_FIELDS[field] ?? odd),
  )
  .map(([role, more]) => ({ role, content: "Hi", ...more }));

const tool = fc.oneof(
  odd,
  fc.record({ type: odd, function: fc.oneof(odd, fc.record({ name: odd, parameters: odd })) }),
);

const body = fc
  .tuple(
    few(FIELDS, () => odd),
    fc.array(message, { maxLength: 4 }),
    fc.option(fc.array(tool, { maxLength: 2 }), { nil: undefined }),
  )
  .map(([more, messages, tools]) => ({
    model: "gpt-test",
    messages,
    prompt: "Hi",
    input: "Hi",
    tools,
    ...more,
  }));

const ANSWER = Buffer.from(
  'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
);

describe("a body of whatever values", () => {
  for (const path of PATHS) {
    it(`is answered or refused in words, and never by a bug of ours: ${path}`, async () => {
      await fc.assert(
        fc.asyncProperty(body, async (value) => {
          const { app, log } = createTestApp({
            transport: createScriptedTransport({ body: ANSWER }),
          });
          const init = { method: "POST", body: JSON.stringify(value) };
          const response = await app(new Request(`http://127.0.0.1:11434${path}`, init));
          const text = await response.text();
          assert.doesNotMatch(text, /internal error/, JSON.stringify(log.lines.at(-1)));
        }),
        { numRuns: 300 },
      );
    });
  }
});
