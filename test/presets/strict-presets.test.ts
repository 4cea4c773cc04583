import assert from "node:assert/strict";
import { PRESET_NAMES, presetOf, type PresetName } from "../../src/upstream/presets.ts";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { streamOf } from "../support/conversation.ts";
import { refusalAt, STRICT_PRESETS } from "../support/strict-presets.ts";
import { createTestApp } from "../support/test-app.ts";
import type { TransportCall } from "../../src/upstream/transport.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const MODELS: Partial<Record<PresetName, string[]>> = {
  openai: ["gpt-4o", "gpt-5", "o3"],
  azure: ["gpt-4o"],
  "azure-classic": ["gpt-5"],
  mistral: ["mistral-large-latest", "magistral-medium"],
  groq: ["llama-3.3-70b", "openai/gpt-oss-120b"],
  xai: ["grok-4"],
  perplexity: ["sonar"],
  moonshot: ["kimi-k2"],
  minimax: ["MiniMax-M3"],
};

/** Presets whose address holds names of the user's own. */
const ADDRESSES: Partial<Record<PresetName, string>> = {
  azure: "https://me.openai.azure.com",
  "azure-classic":
    "https://me.openai.azure.com/openai/deployments/gpt-5/chat/completions?api-version=2024-10-21",
};

const TOOL = {
  type: "function",
  function: {
    name: "2nd.weather/now",
    description: "The weather",
    parameters: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      properties: {
        city: { $ref: "#/$defs/City" },
        unit: { const: "C" },
        more: { type: ["string", "null"] },
      },
      required: ["city"],
      additionalProperties: false,
      $defs: {
        City: {
          type: "object",
          properties: { name: { type: "string" } },
          additionalProperties: false,
        },
      },
    },
    strict: true,
  },
};

const OPTIONS = {
  temperature: 1.8,
  top_p: 0.9,
  top_k: 40,
  min_p: 0.1,
  repeat_penalty: 1.1,
  presence_penalty: 0.5,
  frequency_penalty: 0.5,
  seed: 7,
  num_predict: 8000,
  num_ctx: 4096,
  stop: ["a", "b", "c", "d", "e", "f"],
};

const call = { id: "call_0", function: { name: "2nd.weather/now", arguments: { city: "Ulm" } } };
const HISTORY = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hello" },
  { role: "user", content: "" },
  { role: "system", content: "And polite." },
  { role: "assistant", content: "", thinking: "They greet me.", tool_calls: [call, call] },
  { role: "tool", content: "18 C", tool_name: "2nd.weather/now" },
  { role: "user", content: "And tomorrow?" },
  { role: "assistant", content: "" },
  { role: "assistant", content: "Let me see." },
  { role: "assistant", content: "Sunny." },
  { role: "user", content: "Thanks." },
];

const FORMAT = {
  type: "object",
  properties: { a: { type: "object", properties: { b: { type: "string", const: "x" } } } },
};

/** All that Ollama's clients may send. */
const REQUESTS: [string, object][] = [
  ["everything but tools", { messages: HISTORY, options: OPTIONS, format: FORMAT, think: true }],
  ["tools", { messages: HISTORY, options: OPTIONS, tools: [TOOL], think: "high" }],
  ["a required tool", { messages: HISTORY, tools: [TOOL], tool_choice: "required" }],
  ["no thinking", { messages: HISTORY, options: { temperature: 0 }, think: false }],
  ["JSON", { messages: HISTORY, format: "json" }],
  ["probabilities", { messages: HISTORY, logprobs: true, top_logprobs: 2 }],
  ["one piece", { messages: HISTORY, options: OPTIONS, stream: false }],
  ["thinking in one piece", { messages: HISTORY, think: true, stream: false }],
  ["a beginning", { messages: [...HISTORY, { role: "assistant", content: "You" }] }],
  ["an image", { messages: [{ role: "user", content: "What?", images: [PNG] }] }],
];

/** The models there take text only, and say so. */
const TEXT_ONLY = new Set<PresetName>(["deepseek"]);

/** Else what the tables know of the model would be refused before it is sent. */
const ABLE = { supports_tools: true, supports_image_in: true, supports_reasoning: true };

async function sentFor(preset: PresetName, model: string, body: object): Promise<TransportCall[]> {
  const transport = createScriptedTransport(streamOf({ content: "Hello" }), {
    models: [{ ...ABLE, id: model }],
  });
  const address = ADDRESSES[preset] ?? presetOf(preset).baseUrl ?? "";
  const { app } = createTestApp({ transport, baseUrl: address, provider: { preset } });
  const response = await app(
    new Request("http://127.0.0.1:11434/api/chat", {
      method: "POST",
      body: JSON.stringify({ model, ...body }),
    }),
  );
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return transport.calls;
}

describe("a provider as strict as the real one", () => {
  it("is known of every preset but those that take what OpenAI takes, or that nobody has described", () => {
    const unknown = PRESET_NAMES.filter((name) => !STRICT_PRESETS.includes(name));
    assert.deepEqual(unknown, [
      "codestral",
      "novita",
      "siliconflow",
      "inception",
      "voyage",
      "ollama",
      "sglang",
    ]);
  });

  for (const preset of STRICT_PRESETS) {
    for (const model of MODELS[preset] ?? ["some-model"]) {
      for (const [name, body] of REQUESTS) {
        if (name === "an image" && TEXT_ONLY.has(preset)) continue;
        it(`takes ${name}: ${preset}, ${model}`, async () => {
          const [sent] = await sentFor(preset, model, body);
          assert.ok(sent, "the provider was asked");
          assert.equal(refusalAt(preset, sent), undefined);
        });
      }
    }
  }
});

/** The preset, what is wrong, and what else the request has. */
const REFUSED: [PresetName, string, object][] = [
  ["openai", "max_tokens", { model: "gpt-5", max_tokens: 5 }],
  ["openai", "reasoning_effort", { model: "gpt-4o", reasoning_effort: "low" }],
  ["openai", "top_k", { top_k: 1 }],
  [
    "deepseek",
    "reasoning_content",
    {
      thinking: { type: "enabled" },
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
      ],
    },
  ],
  [
    "deepseek",
    "json_schema",
    { response_format: { type: "json_schema", json_schema: { name: "a", schema: {} } } },
  ],
  ["mistral", "stream_options", { stream: true, stream_options: { include_usage: true } }],
  ["mistral", "seed", { seed: 1 }],
  [
    "mistral",
    "alternate",
    {
      messages: [
        { role: "user", content: "a" },
        { role: "user", content: "b" },
      ],
    },
  ],
  [
    "mistral",
    "prefix",
    {
      messages: [
        { role: "user", content: "a" },
        { role: "assistant", content: "b" },
      ],
    },
  ],
  ["groq", "logprobs", { logprobs: true }],
  ["xai", "reasoning_effort", { reasoning_effort: "low" }],
  [
    "cerebras",
    "additionalProperties",
    {
      response_format: {
        type: "json_schema",
        json_schema: { name: "a", schema: { type: "object" } },
      },
    },
  ],
  [
    "perplexity",
    "json_object",
    { response_format: { type: "json_object" }, messages: [{ role: "user", content: "json" }] },
  ],
  ["moonshot", "temperature", { temperature: 0.5 }],
  ["minimax", "temperature", { temperature: 0 }],
  ["dashscope", "non-streaming", { stream: false, stream_options: undefined }],
  ["gemini", "seed", { seed: 1 }],
  [
    "gemini",
    "\\$schema",
    { tools: [{ type: "function", function: { name: "f", parameters: { $schema: "x" } } }] },
  ],
  ["anthropic", "temperature", { temperature: 1.5 }],
  [
    "lmstudio",
    "json_object",
    { response_format: { type: "json_object" }, messages: [{ role: "user", content: "json" }] },
  ],
];

describe("the strict providers themselves", () => {
  for (const [preset, what, request] of REFUSED) {
    it(`refuse ${what}: ${preset}`, async () => {
      const [sent] = await sentFor(preset, MODELS[preset]?.[0] ?? "some-model", {
        messages: [{ role: "user", content: "Hi" }],
      });
      assert.ok(sent);
      assert.equal(refusalAt(preset, sent), undefined);
      const body = JSON.stringify({ ...(JSON.parse(sent.body ?? "{}") as object), ...request });
      assert.match(refusalAt(preset, { ...sent, body }) ?? "nothing", new RegExp(what));
    });
  }

  it("refuse a key in the wrong place, or a wrong address", async () => {
    const [sent] = await sentFor("azure", "gpt-4o", {
      messages: [{ role: "user", content: "Hi" }],
    });
    assert.ok(sent);
    const headers = { ...sent.headers, "api-key": "", authorization: "Bearer test-key" };
    assert.match(refusalAt("azure", { ...sent, headers }) ?? "", /^401/);
    assert.match(
      refusalAt("azure", { ...sent, url: "https://me.openai.azure.com/chat" }) ?? "",
      /^404/,
    );
  });
});
