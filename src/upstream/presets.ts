import type { Dialect, LocalOption, Quirks } from "../protocol/dialect.ts";

/** Where a provider's key goes, if there is one: `Authorization: Bearer`, Azure's `api-key`, Anthropic's `x-api-key`. */
export type Auth = "bearer" | "api-key" | "x-api-key";

/** What a claim about a provider rests on: recorded answers, its documentation, or neither. */
type Evidence = "recordings" | "documentation" | "neither";

/** A known provider. Adding one is adding an entry. */
export interface Preset {
  /** What people call it. */
  title: string;
  /** Absent where it holds names of the user's own; then `example` shows its form. */
  baseUrl?: string;
  example?: string;
  /** Host names that are its own: a base URL there needs no preset. */
  hosts?: RegExp;
  /** The path by which it is told from another one on the same host; it must stand before that in the table. */
  path?: RegExp;
  /** Pages for people, whose addresses get pasted. */
  website?: RegExp;
  auth: Auth;
  /** Sent with every call. */
  headers?: Readonly<Record<string, string>>;
  list: ModelList;
  quirks: Quirks;
  evidence: Evidence;
}

/** Where a provider's models and their context lengths are. Paths are below the base URL; `/../` leaves its version. */
export interface ModelList {
  /** The best first: the next one serves where the server does not have it. None where there is no list. */
  paths: readonly string[];
  /** Asked for besides; its absence is no failure. */
  also?: string;
  /** What a key is called there, if it is called otherwise. */
  auth?: Auth;
  /** Models that no list has. */
  ids?: readonly string[];
  /** llama.cpp tells the context that a request really has, at `/props`. */
  props?: boolean;
}

const EFFORTS = ["low", "medium", "high"];

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
export const OLLAMA: Quirks = {
  thinking: { kind: "effort", levels: [...EFFORTS, "max"], off: "none" },
  fim: ["suffix", "chat"],
};

export const LLAMA_CPP: Quirks = {
  sampling: ALL_OPTIONS,
  maxStops: Infinity,
  thinking: { kind: "template", key: "enable_thinking" },
  replay: { form: "reasoning_content", turns: "all" },
  completions: true,
  fim: ["infill", "tokens", "chat"],
  embeddings: { maxBatch: 64, dimensions: "none", encodingFormat: true },
};

export const VLLM: Quirks = {
  ...RAW,
  sampling: REPETITION,
  maxStops: Infinity,
  thinking: { kind: "template", key: "enable_thinking" },
};

export const LM_STUDIO: Quirks = {
  ...RAW,
  sampling: { top_k: "top_k", repeat_penalty: "repeat_penalty" },
  structured: "schema-only",
};

const MODELS: ModelList = { paths: ["/models"] };

const AZURE: Quirks = { emptyContent: null, fim: ["suffix", "chat"] };

const MISTRAL: Quirks = {
  streamOptions: false,
  seed: "random_seed",
  temperature: { min: 0, max: 1.5 },
  refuses: ["logprobs", "top_logprobs"],
  messages: { oneSystem: true, merged: true, answeredTools: true, prefill: "prefix" },
  thinking: { kind: "none" },
  schemas: "mistral",
  toolIds: "nine",
  requiredTool: "any",
  completions: false,
  fim: ["fim", "chat"],
};

/** Every known provider, by the name that the setting `preset` takes. providers.md has the evidence. */
const PRESETS = {
  openai: {
    title: "OpenAI",
    baseUrl: "https://api.openai.com/v1",
    hosts: /(^|\.)openai\.com$/,
    website: /^(platform|chat)\.openai\.com$|(^|\.)chatgpt\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: { emptyContent: null, fim: ["suffix", "chat"] },
    evidence: "recordings",
  },
  "azure-classic": {
    title: "Azure OpenAI (deployment and api-version)",
    example:
      "https://RESOURCE.openai.azure.com/openai/deployments/DEPLOYMENT?api-version=2024-10-21",
    hosts: /\.azure\.com$/,
    path: /\/deployments\//,
    auth: "api-key",
    list: { paths: [] },
    quirks: AZURE,
    evidence: "recordings",
  },
  azure: {
    title: "Azure OpenAI (v1)",
    example: "https://RESOURCE.openai.azure.com/openai/v1",
    hosts: /\.azure\.com$/,
    website: /^(portal|ai)\.azure\.com$/,
    auth: "api-key",
    list: MODELS,
    quirks: AZURE,
    evidence: "recordings",
  },
  openrouter: {
    title: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    hosts: /(^|\.)openrouter\.ai$/,
    auth: "bearer",
    list: { paths: ["/models"], also: "/embeddings/models" },
    quirks: {
      ...RAW,
      emptyContent: null,
      sampling: REPETITION,
      thinking: { kind: "reasoning" },
      replay: { form: "details", turns: "all" },
    },
    evidence: "recordings",
  },
  deepseek: {
    title: "DeepSeek",
    baseUrl: "https://api.deepseek.com",
    hosts: /(^|\.)deepseek\.com$/,
    website: /^(platform|chat|www)\.deepseek\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      maxStops: 16,
      seed: "none",
      thinking: { kind: "type", levels: ["high", "max"] },
      replay: { form: "reasoning_content", turns: "all" },
      structured: "json-only",
      requiredTool: "none",
      completions: false,
      fim: ["beta", "chat"],
    },
    evidence: "recordings",
  },
  mistral: {
    title: "Mistral",
    baseUrl: "https://api.mistral.ai/v1",
    hosts: /^api\.mistral\.ai$/,
    website: /^(console|chat|admin)\.mistral\.ai$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...MISTRAL,
      replay: { form: "parts", turns: "all" },
      embeddings: { maxBatch: 32, dimensions: "output_dimension", encodingFormat: true },
    },
    evidence: "recordings",
  },
  codestral: {
    title: "Codestral",
    baseUrl: "https://codestral.mistral.ai/v1",
    hosts: /^codestral\.mistral\.ai$/,
    auth: "bearer",
    list: { paths: [], ids: ["codestral-latest"] },
    quirks: MISTRAL,
    evidence: "documentation",
  },
  groq: {
    title: "Groq",
    baseUrl: "https://api.groq.com/openai/v1",
    hosts: /(^|\.)groq\.com$/,
    website: /^(console|www)\.groq\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      maxTokens: "max_completion_tokens",
      refuses: ["logprobs", "top_logprobs"],
      replay: { form: "reasoning", turns: "all" },
    },
    evidence: "recordings",
  },
  xai: {
    title: "xAI",
    baseUrl: "https://api.x.ai/v1",
    hosts: /(^|\.)x\.ai$/,
    website: /^console\.x\.ai$|^(www\.)?x\.ai$/,
    auth: "bearer",
    list: { paths: ["/language-models", "/models"] },
    quirks: {
      ...CHAT_ONLY,
      maxTokens: "max_completion_tokens",
      thinking: { kind: "none" },
      schemas: "xai",
    },
    evidence: "recordings",
  },
  together: {
    title: "Together",
    baseUrl: "https://api.together.xyz/v1",
    hosts: /(^|\.)together\.(xyz|ai)$/,
    website: /^(www\.)?together\.ai$/,
    auth: "bearer",
    list: MODELS,
    quirks: { ...RAW, sampling: REPETITION, thinking: { kind: "reasoning" } },
    evidence: "recordings",
  },
  fireworks: {
    title: "Fireworks",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    hosts: /(^|\.)fireworks\.ai$/,
    website: /^(www\.|app\.)?fireworks\.ai$/,
    auth: "bearer",
    list: MODELS,
    // Some models refuse more than 4096 tokens in one piece.
    quirks: { ...RAW, sampling: REPETITION, streaming: "always" },
    evidence: "neither",
  },
  cerebras: {
    title: "Cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    hosts: /(^|\.)cerebras\.ai$/,
    website: /^(www|cloud|inference)\.cerebras\.ai$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      maxTokens: "max_completion_tokens",
      refuses: ["presence_penalty", "frequency_penalty", "parallel_tool_calls"],
      replay: { form: "tags", turns: "all" },
      schemas: "closed",
    },
    evidence: "recordings",
  },
  perplexity: {
    title: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    hosts: /(^|\.)perplexity\.ai$/,
    website: /^(www\.)?perplexity\.ai$/,
    auth: "bearer",
    list: {
      paths: [],
      ids: ["sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"],
    },
    quirks: {
      ...CHAT_ONLY,
      maxStops: 0,
      seed: "none",
      refuses: ["logprobs", "top_logprobs"],
      messages: { merged: true, oneSystem: true },
      structured: "schema-only",
      embeddings: { maxBatch: 512, dimensions: "dimensions", encodingFormat: false },
    },
    evidence: "recordings",
  },
  moonshot: {
    title: "Moonshot (Kimi)",
    baseUrl: "https://api.moonshot.ai/v1",
    hosts: /(^|\.)moonshot\.(ai|cn)$|(^|\.)kimi\.com$/,
    website: /^(platform|www)\.(moonshot\.(ai|cn)|kimi\.com)$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      maxStops: 16,
      emptyContent: null,
      refuses: ["temperature", "top_p"],
      messages: { prefill: "partial" },
      thinking: { kind: "type" },
      replay: { form: "reasoning_content", turns: "tools" },
      structured: "json-only",
      schemas: "moonshot",
      toolNames: "letter",
      requiredTool: "none",
    },
    evidence: "recordings",
  },
  zai: {
    title: "Z.ai (GLM)",
    baseUrl: "https://api.z.ai/api/paas/v4",
    hosts: /(^|\.)(z\.ai|bigmodel\.cn)$/,
    website: /^(www\.|chat\.)?(z\.ai|bigmodel\.cn)$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      thinking: { kind: "type" },
      replay: { form: "reasoning_content", turns: "all" },
      structured: "json-only",
    },
    evidence: "recordings",
  },
  minimax: {
    title: "MiniMax",
    baseUrl: "https://api.minimax.io/v1",
    hosts: /(^|\.)minimax(i\.com|\.io)$/,
    website: /^(www|platform)\.minimax(i\.com|\.io)$/,
    auth: "bearer",
    list: { paths: [], ids: ["MiniMax-M3", "MiniMax-M2.7", "MiniMax-M2.5", "MiniMax-M2"] },
    quirks: {
      ...CHAT_ONLY,
      // Zero is refused.
      temperature: { min: 0.01, max: 1 },
      thinking: { kind: "none" },
      extra: { reasoning_split: true },
    },
    evidence: "neither",
  },
  dashscope: {
    title: "Alibaba DashScope (Qwen)",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    hosts: /(^|\.)(dashscope|coding)(-intl)?(\.\w+)?\.aliyuncs\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      sampling: { top_k: "top_k" },
      // Thinking, and some models, are refused in one piece.
      streaming: "always",
      thinking: { kind: "enable" },
      embeddings: { maxBatch: 10, dimensions: "dimensions", encodingFormat: true },
    },
    evidence: "recordings",
  },
  gemini: {
    title: "Google Gemini",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    hosts: /(^|\.)generativelanguage\.googleapis\.com$|aiplatform\.googleapis\.com$/,
    website: /^(aistudio|ai)\.google\.(com|dev)$|^gemini\.google\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      maxStops: 5,
      seed: "none",
      refuses: ["presence_penalty", "frequency_penalty", "logprobs", "top_logprobs"],
      thinking: { kind: "effort", levels: EFFORTS, off: "none" },
      replay: { form: "signature", turns: "tools" },
      schemas: "gemini",
      embeddings: { maxBatch: 100, dimensions: "dimensions", encodingFormat: true },
    },
    evidence: "recordings",
  },
  anthropic: {
    title: "Anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    hosts: /^api\.anthropic\.com$/,
    website: /^(console|www)\.anthropic\.com$|(^|\.)claude\.(ai|com)$/,
    auth: "bearer",
    headers: { "anthropic-version": "2023-06-01" },
    list: { paths: ["/models"], auth: "x-api-key" },
    quirks: {
      ...CHAT_ONLY,
      seed: "none",
      temperature: { min: 0, max: 1 },
      thinking: { kind: "none" },
      structured: "none",
      refuses: ["presence_penalty", "frequency_penalty", "logprobs", "top_logprobs"],
      messages: { oneSystem: true },
    },
    evidence: "recordings",
  },
  nvidia: {
    title: "NVIDIA NIM",
    baseUrl: "https://integrate.api.nvidia.com/v1",
    hosts: /(^|\.)nvidia\.com$/,
    website: /^(build|www)\.nvidia\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      thinking: { kind: "template", key: "enable_thinking" },
      embeddings: { maxBatch: 96, dimensions: "none", encodingFormat: true },
    },
    evidence: "neither",
  },
  huggingface: {
    title: "Hugging Face",
    baseUrl: "https://router.huggingface.co/v1",
    hosts: /(^|\.)huggingface\.co$/,
    website: /^(www\.)?huggingface\.co$/,
    auth: "bearer",
    list: MODELS,
    quirks: CHAT_ONLY,
    evidence: "recordings",
  },
  vercel: {
    title: "Vercel AI Gateway",
    baseUrl: "https://ai-gateway.vercel.sh/v1",
    hosts: /(^|\.)vercel\.sh$/,
    website: /(^|\.)vercel\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...CHAT_ONLY,
      thinking: { kind: "reasoning" },
      replay: { form: "details", turns: "all" },
    },
    evidence: "recordings",
  },
  deepinfra: {
    title: "DeepInfra",
    baseUrl: "https://api.deepinfra.com/v1/openai",
    hosts: /(^|\.)deepinfra\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      ...RAW,
      sampling: { repeat_penalty: "repetition_penalty" },
      thinking: { kind: "reasoning" },
    },
    evidence: "neither",
  },
  novita: {
    title: "Novita",
    baseUrl: "https://api.novita.ai/openai",
    hosts: /(^|\.)novita\.ai$/,
    auth: "bearer",
    list: MODELS,
    quirks: { ...RAW, thinking: { kind: "enable" } },
    evidence: "neither",
  },
  siliconflow: {
    title: "SiliconFlow",
    baseUrl: "https://api.siliconflow.com/v1",
    hosts: /(^|\.)siliconflow\.(com|cn)$/,
    auth: "bearer",
    list: MODELS,
    quirks: { ...CHAT_ONLY, thinking: { kind: "enable" } },
    evidence: "neither",
  },
  inception: {
    title: "Inception (Mercury)",
    baseUrl: "https://api.inceptionlabs.ai/v1",
    hosts: /(^|\.)inceptionlabs\.ai$/,
    auth: "bearer",
    list: MODELS,
    quirks: { completions: true, fim: ["suffix", "chat"] },
    evidence: "neither",
  },
  voyage: {
    title: "Voyage (embeddings)",
    baseUrl: "https://api.voyageai.com/v1",
    hosts: /(^|\.)voyageai\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: {
      embeddings: { maxBatch: 128, dimensions: "output_dimension", encodingFormat: false },
    },
    evidence: "neither",
  },
  "ollama-cloud": {
    title: "Ollama's cloud",
    baseUrl: "https://ollama.com/v1",
    hosts: /(^|\.)ollama\.com$/,
    auth: "bearer",
    list: MODELS,
    quirks: OLLAMA,
    evidence: "recordings",
  },
  ollama: {
    title: "Ollama (local, passed through)",
    baseUrl: "http://127.0.0.1:11434/v1",
    auth: "bearer",
    list: MODELS,
    quirks: OLLAMA,
    evidence: "documentation",
  },
  lmstudio: {
    title: "LM Studio",
    baseUrl: "http://127.0.0.1:1234/v1",
    auth: "bearer",
    list: { paths: ["/../api/v0/models", "/models"] },
    quirks: LM_STUDIO,
    evidence: "documentation",
  },
  "llama-cpp": {
    title: "llama.cpp",
    baseUrl: "http://127.0.0.1:8080/v1",
    auth: "bearer",
    list: { paths: ["/models"], props: true },
    quirks: LLAMA_CPP,
    evidence: "recordings",
  },
  vllm: {
    title: "vLLM",
    baseUrl: "http://127.0.0.1:8000/v1",
    auth: "bearer",
    list: MODELS,
    quirks: VLLM,
    evidence: "recordings",
  },
  sglang: {
    title: "SGLang",
    baseUrl: "http://127.0.0.1:30000/v1",
    auth: "bearer",
    list: MODELS,
    quirks: VLLM,
    evidence: "neither",
  },
  litellm: {
    title: "LiteLLM proxy",
    baseUrl: "http://127.0.0.1:4000/v1",
    auth: "bearer",
    list: { paths: ["/model/info", "/models"] },
    quirks: {},
    evidence: "documentation",
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES = Object.keys(PRESETS) as [PresetName, ...PresetName[]];

/** The preset whose host a URL is on; undefined for a server that nobody knows. */
export function presetAt(url: string): PresetName | undefined {
  const { hostname, pathname } = new URL(url);
  return PRESET_NAMES.find((name) => {
    const { hosts, path } = presetOf(name);
    return hosts?.test(hostname) === true && (path === undefined || path.test(pathname));
  });
}

/** The entry with every field that a preset may have. */
export function presetOf(name: PresetName): Preset {
  return PRESETS[name];
}
