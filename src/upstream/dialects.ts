import type { Dialect, LocalOption } from "../protocol/dialect.ts";

/** What decides a dialect: where the provider is, and which model it is asked for. */
export interface Speaker {
  /** Host name of the base URL; empty for the demo model. */
  host: string;
  modelId: string;
  /** `owned_by` of the model list: local servers write their own name there. */
  ownedBy?: string | undefined;
}

const EFFORTS = ["low", "medium", "high"];

/** Stands for whoever is not in the table: what nearly all understand, and no more. */
const STRICT: Dialect = {
  maxTokens: "max_tokens",
  streamOptions: true,
  maxStops: 4,
  seed: "seed",
  sampling: {},
  refuses: [],
  thinking: { kind: "effort", levels: EFFORTS },
  replay: { form: "none", turns: "all" },
  structured: "schema",
  emptyContent: "",
  toolIds: "any",
  requiredTool: "required",
  fim: ["suffix", "tokens", "chat"],
  completions: undefined,
  embeddings: { maxBatch: 2048, dimensions: "dimensions", encodingFormat: true },
};

const ALL_OPTIONS: Partial<Record<LocalOption, string>> = {
  top_k: "top_k",
  min_p: "min_p",
  typical_p: "typical_p",
  repeat_penalty: "repeat_penalty",
  repeat_last_n: "repeat_last_n",
};

const REPETITION: Partial<Record<LocalOption, string>> = {
  top_k: "top_k",
  min_p: "min_p",
  repeat_penalty: "repetition_penalty",
};

const CHAT_ONLY: Partial<Dialect> = { completions: false, fim: ["chat"] };

/** Raw prompts are taken, a suffix is not. */
const RAW: Partial<Dialect> = { completions: true, fim: ["tokens", "chat"] };

/** Its own `/v1` puts every prompt through the model's template, so no tokens of ours get through. */
const OLLAMA: Partial<Dialect> = {
  thinking: { kind: "effort", levels: [...EFFORTS, "max"], off: "none" },
  fim: ["suffix", "chat"],
};

/** Hosted providers by host name; providers.md sections 1, 3 and 6 have the evidence. */
const HOSTS: [RegExp, Partial<Dialect>][] = [
  [/(^|\.)openai\.com$|\.azure\.com$/, { emptyContent: null, fim: ["suffix", "chat"] }],
  [
    /(^|\.)openrouter\.ai$/,
    {
      ...RAW,
      emptyContent: null,
      sampling: REPETITION,
      thinking: { kind: "reasoning" },
      replay: { form: "details", turns: "all" },
    },
  ],
  [
    /(^|\.)deepseek\.com$/,
    {
      maxStops: 16,
      seed: "none",
      thinking: { kind: "type", levels: ["high", "max"] },
      replay: { form: "reasoning_content", turns: "all" },
      structured: "json-only",
      requiredTool: "none",
      completions: false,
      fim: ["beta", "chat"],
    },
  ],
  [
    /(^|\.)mistral\.ai$/,
    {
      streamOptions: false,
      seed: "random_seed",
      thinking: { kind: "none" },
      replay: { form: "parts", turns: "all" },
      toolIds: "nine",
      requiredTool: "any",
      completions: false,
      fim: ["fim", "chat"],
      embeddings: { maxBatch: 32, dimensions: "output_dimension", encodingFormat: true },
    },
  ],
  [
    /(^|\.)groq\.com$/,
    {
      ...CHAT_ONLY,
      maxTokens: "max_completion_tokens",
      refuses: ["logprobs"],
      replay: { form: "reasoning", turns: "all" },
    },
  ],
  [
    /(^|\.)x\.ai$/,
    { ...CHAT_ONLY, maxTokens: "max_completion_tokens", thinking: { kind: "none" } },
  ],
  [
    /(^|\.)cerebras\.ai$/,
    {
      ...CHAT_ONLY,
      maxTokens: "max_completion_tokens",
      refuses: ["presence_penalty", "frequency_penalty", "parallel_tool_calls"],
      replay: { form: "tags", turns: "all" },
    },
  ],
  [/(^|\.)together\.(xyz|ai)$/, { ...RAW, sampling: REPETITION, thinking: { kind: "reasoning" } }],
  [/(^|\.)fireworks\.ai$/, { ...RAW, sampling: REPETITION }],
  [
    /(^|\.)deepinfra\.com$/,
    { ...RAW, sampling: { repeat_penalty: "repetition_penalty" }, thinking: { kind: "reasoning" } },
  ],
  [/(^|\.)novita\.ai$/, { ...RAW, thinking: { kind: "enable" } }],
  [/(^|\.)siliconflow\.(com|cn)$/, { ...CHAT_ONLY, thinking: { kind: "enable" } }],
  [/(^|\.)inceptionlabs\.ai$/, { completions: true, fim: ["suffix", "chat"] }],
  [
    /(^|\.)perplexity\.ai$/,
    {
      ...CHAT_ONLY,
      maxStops: 0,
      seed: "none",
      structured: "schema-only",
      embeddings: { maxBatch: 512, dimensions: "dimensions", encodingFormat: false },
    },
  ],
  [
    /(^|\.)voyageai\.com$/,
    { embeddings: { maxBatch: 128, dimensions: "output_dimension", encodingFormat: false } },
  ],
  [
    /(^|\.)moonshot\.(ai|cn)$|(^|\.)kimi\.com$/,
    {
      ...CHAT_ONLY,
      maxStops: 16,
      emptyContent: null,
      refuses: ["temperature", "top_p"],
      thinking: { kind: "type" },
      replay: { form: "reasoning_content", turns: "tools" },
      structured: "json-only",
      requiredTool: "none",
    },
  ],
  [
    /(^|\.)(z\.ai|bigmodel\.cn)$/,
    {
      ...CHAT_ONLY,
      thinking: { kind: "type" },
      replay: { form: "reasoning_content", turns: "all" },
      structured: "json-only",
    },
  ],
  [/(^|\.)minimax(i\.com|\.io)$/, { ...CHAT_ONLY, thinking: { kind: "none" } }],
  [
    /(^|\.)dashscope(-intl)?\.aliyuncs\.com$/,
    {
      ...CHAT_ONLY,
      sampling: { top_k: "top_k" },
      thinking: { kind: "enable" },
      embeddings: { maxBatch: 10, dimensions: "dimensions", encodingFormat: true },
    },
  ],
  [
    /(^|\.)generativelanguage\.googleapis\.com$|aiplatform\.googleapis\.com$/,
    {
      ...CHAT_ONLY,
      maxStops: 5,
      seed: "none",
      refuses: ["presence_penalty", "frequency_penalty", "logprobs"],
      thinking: { kind: "effort", levels: EFFORTS, off: "none" },
      replay: { form: "signature", turns: "tools" },
      embeddings: { maxBatch: 100, dimensions: "dimensions", encodingFormat: true },
    },
  ],
  [
    /(^|\.)anthropic\.com$/,
    {
      ...CHAT_ONLY,
      seed: "none",
      thinking: { kind: "none" },
      structured: "none",
      refuses: ["presence_penalty", "frequency_penalty", "logprobs"],
    },
  ],
  [
    /(^|\.)nvidia\.com$/,
    {
      ...CHAT_ONLY,
      thinking: { kind: "template", key: "enable_thinking" },
      embeddings: { maxBatch: 96, dimensions: "none", encodingFormat: true },
    },
  ],
  [/(^|\.)huggingface\.co$/, CHAT_ONLY],
  [
    /(^|\.)vercel\.sh$/,
    { ...CHAT_ONLY, thinking: { kind: "reasoning" }, replay: { form: "details", turns: "all" } },
  ],
  [/(^|\.)ollama\.com$/, OLLAMA],
];

/** Local servers by the name that they write into their model lists. */
const ENGINES: [RegExp, Partial<Dialect>][] = [
  [
    /^llama\.?cpp$/,
    {
      sampling: ALL_OPTIONS,
      maxStops: Infinity,
      thinking: { kind: "template", key: "enable_thinking" },
      replay: { form: "reasoning_content", turns: "all" },
      completions: true,
      fim: ["infill", "tokens", "chat"],
      embeddings: { maxBatch: 64, dimensions: "none", encodingFormat: true },
    },
  ],
  [
    /^(vllm|sglang)$/,
    {
      ...RAW,
      sampling: REPETITION,
      maxStops: Infinity,
      thinking: { kind: "template", key: "enable_thinking" },
    },
  ],
  [
    /^organization[-_]owner$/, // LM Studio
    {
      ...RAW,
      sampling: { top_k: "top_k", repeat_penalty: "repeat_penalty" },
      structured: "schema-only",
    },
  ],
  [/^library$/, OLLAMA],
];

/** Models that differ from their provider's others, by the last part of their id. */
const MODELS: [RegExp, Partial<Dialect>, host?: RegExp][] = [
  [
    /^(o\d|gpt-([5-9]|\d\d)(?!.*chat))/,
    {
      maxTokens: "max_completion_tokens",
      maxStops: 0,
      refuses: ["temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs"],
      thinking: { kind: "effort", levels: EFFORTS },
    },
    /(^|\.)openai\.com$|\.azure\.com$/,
  ],
  [
    /^(gpt-[34]|chatgpt|davinci|babbage)/,
    { thinking: { kind: "none" } },
    /(^|\.)openai\.com$|\.azure\.com$/,
  ],
  [
    /^(mistral-small-(latest|2603)|mistral-medium-3\.5)/,
    { thinking: { kind: "effort", levels: ["high"], off: "none" } },
    /(^|\.)mistral\.ai$/,
  ],
  [/^grok-3-mini/, { thinking: { kind: "effort", levels: ["low", "high"] } }, /(^|\.)x\.ai$/],
  [
    /^grok-(3-mini|4)/,
    { maxStops: 0, refuses: ["presence_penalty", "frequency_penalty"] },
    /(^|\.)x\.ai$/,
  ],
  [
    /^qwen/,
    { thinking: { kind: "effort", levels: [], on: "default", off: "none" } },
    /(^|\.)groq\.com$/,
  ],
  [/(mistral|mixtral|ministral|devstral|codestral|magistral|pixtral)/, { toolIds: "nine" }],
];

/** How to speak to a model. */
export function dialectFor({ host, modelId, ownedBy = "" }: Speaker): Dialect {
  const model = modelId.slice(modelId.lastIndexOf("/") + 1).toLowerCase();
  const engine = ownedBy.toLowerCase();
  return Object.assign(
    {},
    STRICT,
    ...HOSTS.filter(([pattern]) => pattern.test(host)).map(([, dialect]) => dialect),
    ...ENGINES.filter(([pattern]) => pattern.test(engine)).map(([, dialect]) => dialect),
    ...MODELS.filter(
      ([pattern, , where]) => pattern.test(model) && (where === undefined || where.test(host)),
    ).map(([, dialect]) => dialect),
  ) as Dialect;
}
