import assert from "node:assert/strict";
import fc from "fast-check";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { checkAnswer } from "../support/schemas/check.ts";
import { createTestApp } from "../support/test-app.ts";

/** Values that vendors put at wrong places. */
const odd = fc.constantFrom<unknown>(
  null,
  "",
  "x",
  0,
  true,
  [],
  {},
  [null],
  ["x"],
  [1],
  [{}],
  "<think>",
  {
    text: "t",
  },
);

const call = fc.oneof(
  odd,
  fc.record(
    {
      index: odd,
      id: odd,
      type: odd,
      function: fc.oneof(odd, fc.record({ name: odd, arguments: odd }, { requiredKeys: [] })),
      extra_content: odd,
    },
    { requiredKeys: [] },
  ),
);

const delta = fc.record(
  {
    role: odd,
    content: odd,
    refusal: odd,
    reasoning: odd,
    reasoning_content: odd,
    reasoning_details: odd,
    thinking: odd,
    function_call: odd,
    tool_calls: fc.oneof(odd, fc.array(call, { maxLength: 2 })),
    annotations: odd,
  },
  { requiredKeys: [] },
);

const choice = fc.oneof(
  { weight: 1, arbitrary: odd },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        delta: fc.oneof(delta, odd),
        message: odd,
        text: odd,
        finish_reason: odd,
        logprobs: odd,
        usage: odd,
      },
      { requiredKeys: [] },
    ),
  },
);

const event = fc.oneof(
  { weight: 1, arbitrary: odd },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        id: odd,
        created: odd,
        choices: fc.oneof(odd, fc.array(choice, { maxLength: 2 })),
        usage: odd,
      },
      { requiredKeys: [] },
    ),
  },
);

const ASKS: [string, object][] = [
  ["/api/chat", { messages: [{ role: "user", content: "Hi" }], logprobs: true }],
  ["/api/generate", { prompt: "Hi", format: "json" }],
  ["/api/generate", { prompt: "return ", suffix: ";" }],
  ["/v1/chat/completions", { messages: [{ role: "user", content: "Hi" }], stream: true }],
  ["/v1/completions", { prompt: "Hi", stream: true }],
];

describe("a provider's events of whatever shape", () => {
  for (const [path, ask] of ASKS) {
    it(`come out in the right shape or as an error, and never as a bug of ours: ${path} ${JSON.stringify(ask)}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 5 }), async (events) => {
          const text = events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("");
          const transport = createScriptedTransport({
            body: Buffer.from(`${text}data: [DONE]\n\n`),
          });
          const { app, log } = createTestApp({ transport });
          const init = { method: "POST", body: JSON.stringify({ model: "gpt-test", ...ask }) };
          const response = await app(new Request(`http://127.0.0.1:11434${path}`, init));
          const answer = await response.text();
          assert.doesNotMatch(answer, /internal error/, JSON.stringify(log.lines.at(-1)));
          checkAnswer({
            path,
            status: response.status,
            contentType: response.headers.get("content-type") ?? "",
            text: answer,
          });
        }),
        { numRuns: 300 },
      );
    });
  }
});
