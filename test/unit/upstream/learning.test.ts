import assert from "node:assert/strict";
import { BridgeError } from "../../../src/base/errors.ts";
import { withQuirks, type Quirks } from "../../../src/protocol/dialect.ts";
import { dialectFor } from "../../../src/upstream/dialects.ts";
import { failureFromResponse } from "../../../src/upstream/failure.ts";
import { learnFrom } from "../../../src/upstream/learning.ts";

const dialect = dialectFor({ modelId: "m" });

const REQUEST = {
  model: "m",
  messages: [],
  stream: true,
  stream_options: { include_usage: true },
  temperature: 0.2,
  top_p: 0.9,
  max_tokens: 5,
  stop: ["a"],
  seed: 1,
  frequency_penalty: 1,
  logprobs: true,
  top_logprobs: 2,
  reasoning_effort: "medium",
  response_format: { type: "json_schema" },
  tools: [],
  tool_choice: "auto",
  parallel_tool_calls: false,
  user: "me",
};

const refusal = (body: unknown, status = 400) =>
  failureFromResponse({
    status,
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: {},
    provider: "p",
    hadKey: true,
    redact: (text) => text,
    now: 0,
  });

const said = (message: string, param?: string) => ({ error: { message, param } });

/** Who refuses, its body, what it teaches. */
const TAUGHT: [string, unknown, Quirks, object?][] = [
  [
    "OpenAI's max_tokens",
    said(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      "max_tokens",
    ),
    { maxTokens: "max_completion_tokens" },
  ],
  [
    "Mistral's max_completion_tokens",
    {
      detail: [
        {
          type: "extra_forbidden",
          loc: ["body", "max_completion_tokens"],
          msg: "Extra inputs are not permitted",
        },
      ],
    },
    { maxTokens: "max_tokens" },
    { max_completion_tokens: 5 },
  ],
  [
    "OpenAI's fixed temperature",
    said(
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      "temperature",
    ),
    { refuses: ["temperature"] },
  ],
  [
    "Kimi's",
    said("invalid temperature: only 1 is allowed for this model"),
    { refuses: ["temperature"] },
  ],
  [
    "Mistral's stream_options",
    {
      detail: [
        {
          type: "extra_forbidden",
          loc: ["body", "stream_options"],
          msg: "Extra inputs are not permitted",
        },
      ],
    },
    { streamOptions: false },
  ],
  [
    "a gateway's stream_options",
    said("Unknown parameter: 'stream_options'."),
    { streamOptions: false },
  ],
  [
    "a model without stop",
    said("Unsupported parameter: 'stop' is not supported with this model."),
    { maxStops: 0 },
  ],
  [
    "Gemini's seed",
    [
      {
        error: {
          message: 'Invalid JSON payload received. Unknown name "seed": Cannot find field.',
        },
      },
    ],
    { seed: "none" },
  ],
  [
    "all that Gemini does not know at once",
    [
      {
        error: {
          message:
            'Unknown name "seed": Cannot find field.\\nUnknown name "frequency_penalty": Cannot find field.',
        },
      },
    ],
    { seed: "none", refuses: ["frequency_penalty"] },
  ],
  [
    "Groq's logprobs",
    said("`logprobs` is not supported with this model"),
    { refuses: ["logprobs", "top_logprobs"] },
  ],
  [
    "o3's parallel_tool_calls",
    said("Unsupported parameter: 'parallel_tool_calls' is not supported with this model."),
    { refuses: ["parallel_tool_calls"] },
  ],
  [
    "an effort that it has not",
    said("Unrecognized request argument supplied: reasoning_effort"),
    { thinking: { kind: "none" } },
  ],
  [
    "the efforts that it has",
    said(
      "Unsupported value: 'reasoning_effort' does not support 'medium' with this model. Supported values are: 'low' and 'high'.",
      "reasoning_effort",
    ),
    { thinking: { kind: "effort", levels: ["low", "high"] } },
  ],
  [
    "a schema that it cannot follow",
    said("'response_format' of type json_schema is not supported with this model"),
    { structured: "json-only" },
  ],
  [
    "LM Studio's JSON",
    { error: "'response_format.type' must be 'json_schema' or 'text'" },
    { structured: "schema-only" },
    { response_format: { type: "json_object" } },
  ],
  [
    "Moonshot's choice of tools",
    said("tool_choice 'required' is incompatible: 'tool_choice' is not supported"),
    { requiredTool: "none", refuses: ["tool_choice"] },
  ],
  ["a field of the client's", said("user: Extra inputs are not permitted"), { refuses: ["user"] }],
  [
    "a template without a system",
    said("System role not supported"),
    { messages: { system: "user" } },
  ],
  [
    "o1-mini's roles",
    said("Unsupported value: 'messages[0].role' does not support 'system' with this model."),
    { messages: { system: "user" } },
  ],
  [
    "one system message, in front",
    said("System message must be at the beginning."),
    { messages: { oneSystem: true } },
  ],
  [
    "Gemma's roles",
    said("Conversation roles must alternate user/assistant/user/assistant/..."),
    { messages: { merged: true } },
  ],
  [
    "Mistral's tools",
    { object: "error", message: "Unexpected role 'user' after role 'tool'" },
    { messages: { answeredTools: true } },
  ],
  [
    "Mistral's ids",
    { message: "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9." },
    { toolIds: "nine" },
  ],
  [
    "tools and effort together",
    said(
      "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions.",
    ),
    { effortWithTools: false },
  ],
  [
    "QwQ's stream",
    said(
      "This model only support stream mode, please enable the stream parameter to access the model.",
    ),
    { streaming: "always" },
  ],
  [
    "DashScope's thinking in one piece",
    said("parameter.enable_thinking must be set to false for non-streaming calls"),
    { streaming: "always" },
  ],
  [
    "an organization that may not stream",
    said("Your organization must be verified to stream this model.", "stream"),
    { streaming: "never" },
  ],
];

describe("learnFrom", () => {
  for (const [name, body, quirks, request] of TAUGHT) {
    it(`learns ${name}`, () => {
      const refused = { request: { ...REQUEST, ...request }, dialect };
      assert.deepEqual(learnFrom(refusal(body), refused), quirks);
    });
  }

  const NOTHING: [string, unknown, number?][] = [
    [
      "a value that is out of bounds",
      said(
        "max_tokens is too large: 100000. This model supports at most 4096 completion tokens.",
        "max_tokens",
      ),
    ],
    [
      "a model that does not exist",
      said("The model `m` does not exist or you do not have access to it.", "model"),
    ],
    ["tools that nobody can do without", said("'tools' is not supported with this model", "tools")],
    [
      "messages that are wrong",
      said("Invalid 'messages[0].content': unsupported content", "messages[0].content"),
    ],
    [
      "a context that is too short",
      said("This model's maximum context length is 10 tokens, which is unsupported: 'seed'"),
    ],
    ["a field that was not sent", said("Unknown parameter: 'top_k'.")],
    ["a word that is also a field's name", said("The user has to stop: not supported.")],
    ["a wrong key", said("Incorrect API key: unsupported 'seed'"), 401],
    ["a busy provider", said("Unknown parameter: 'seed'"), 429],
    ["the provider's own failure", said("Unknown parameter: 'seed'"), 500],
  ];
  for (const [name, body, status] of NOTHING) {
    it(`learns nothing from ${name}`, () => {
      assert.equal(learnFrom(refusal(body, status), { request: REQUEST, dialect }), undefined);
    });
  }

  it("learns nothing twice", () => {
    const body = said("This model only support stream mode");
    const known = withQuirks(dialect, { streaming: "always" });
    assert.equal(learnFrom(refusal(body), { request: REQUEST, dialect: known }), undefined);
  });

  it("learns nothing from a bug or a broken connection", () => {
    for (const error of [
      new TypeError("x"),
      new BridgeError("upstream_failed", "'seed' unknown"),
    ]) {
      assert.equal(learnFrom(error, { request: REQUEST, dialect }), undefined);
    }
  });
});
