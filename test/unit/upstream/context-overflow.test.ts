import assert from "node:assert/strict";
import { overflowIn } from "../../../src/upstream/context-overflow.ts";

/** Who says it, how, the limit and the prompt's size in it. */
const TEXTS: [string, string, number?, number?][] = [
  [
    "OpenAI",
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 140015 tokens. Please reduce the length of the messages.",
    128_000,
    140_015,
  ],
  ["OpenAI's code alone", '{"error":{"code":"context_length_exceeded"}}'],
  ["OpenAI's newer models", "Your input exceeds the context window of this model."],
  [
    "DeepSeek",
    "This model's maximum context length is 1048565 tokens. However, you requested 1250025 tokens",
    1_048_565,
    1_250_025,
  ],
  [
    "OpenRouter",
    "This endpoint's maximum context length is 200000 tokens. However, you requested about 2500021 tokens",
    200_000,
    2_500_021,
  ],
  ["Anthropic", "prompt is too long: 210001 tokens > 200000 maximum", 200_000, 210_001],
  ["Bedrock", "Input is too long for requested model."],
  [
    "Gemini",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    1_048_576,
    1_200_000,
  ],
  [
    "xAI",
    "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
    131_072,
    140_000,
  ],
  ["Groq", "Please reduce the length of the messages or completion."],
  [
    "llama.cpp",
    'the request exceeds the available context size {"n_prompt_tokens":9000,"n_ctx":4096,"type":"exceed_context_size_error"}',
    4096,
    9000,
  ],
  [
    "LM Studio",
    "Trying to keep the first 9000 tokens when context the overflows. This is greater than the context length",
  ],
  ["GitHub's", "prompt token count of 70000 exceeds the limit of 64000", 64_000],
  // The number is that of the error.
  ["MiniMax", "invalid params, context window exceeds limit (2013)"],
  [
    "Kimi",
    "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)",
    262_144,
  ],
  [
    "Mistral",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    32_768,
    40_000,
  ],
  [
    "Cerebras",
    "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
    8192,
    9000,
  ],
  ["Perplexity", "too_many_prompt_tokens: the total length of all messages is too long"],
  ["Ollama's cloud", "prompt too long; exceeded max context length by 5 tokens"],
  ["SGLang", "The input (9000 tokens) is longer than the model's context length (8192 tokens)."],
  [
    "TGI",
    "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
    4096,
    5000,
  ],
  [
    "vLLM",
    "This model's maximum context length is 32,768 tokens. However, you requested 40,000 tokens",
    32_768,
    40_000,
  ],
  ["Z.ai", "model_context_window_exceeded"],
];

describe("overflowIn", () => {
  for (const [name, text, limit, prompt] of TEXTS) {
    it(`knows the words of ${name}`, () => {
      assert.deepEqual(overflowIn(text, 400), { limit, prompt });
    });
  }

  for (const text of [
    "Rate limit reached: tokens per minute (TPM): maximum context length is 10",
    "Please reduce the length of the messages: rate limit",
    "max_tokens is too large",
    "The model does not exist",
    "",
  ]) {
    it(`takes for another matter: ${JSON.stringify(text)}`, () => {
      assert.equal(overflowIn(text, 400), undefined);
    });
  }

  it("is never what 429 means", () => {
    assert.equal(overflowIn("prompt is too long", 429), undefined);
  });
});
