import { withQuirks, type Dialect, type Quirks } from "../protocol/dialect.ts";
import { LLAMA_CPP, LM_STUDIO, OLLAMA, presetOf, VLLM, type PresetName } from "./presets.ts";

/** What decides a dialect. Each says more than the one before. */
export interface Speaker {
  /** The known provider that it is; undefined for a server that nobody knows. */
  preset?: PresetName | undefined;
  /** `owned_by` of the model list: local servers write their own name there. */
  ownedBy?: string | undefined;
  modelId: string;
  /** The user's own setting. */
  quirks?: Quirks | undefined;
}

const EFFORTS = ["low", "medium", "high"];

/** Stands for whoever is not in a table: what nearly all understand, and no more. */
const STRICT: Dialect = {
  maxTokens: "max_tokens",
  streamOptions: true,
  maxStops: 4,
  seed: "seed",
  sampling: {},
  refuses: [],
  temperature: { min: 0, max: 2 },
  extra: {},
  streaming: "asked",
  messages: {
    system: "system",
    oneSystem: false,
    merged: false,
    textOnly: false,
    answeredTools: false,
    prefill: "none",
  },
  thinking: { kind: "effort", levels: EFFORTS },
  replay: { form: "none", turns: "all" },
  effortWithTools: true,
  schemas: "any",
  toolNames: "any",
  structured: "schema",
  emptyContent: "",
  toolIds: "any",
  requiredTool: "required",
  fim: ["suffix", "tokens", "chat"],
  completions: undefined,
  embeddings: { maxBatch: 2048, dimensions: "dimensions", encodingFormat: true },
};

/** Local servers by the name that they write into their model lists. */
const ENGINES: [RegExp, Quirks][] = [
  [/^llama\.?cpp$/, LLAMA_CPP],
  [/^(vllm|sglang)$/, VLLM],
  [/^organization[-_]owner$/, LM_STUDIO],
  [/^library$/, OLLAMA],
];

const AT_OPENAI: PresetName[] = ["openai", "azure", "azure-classic"];

/** Models that differ from their provider's others, by the last part of their id; anywhere, where no provider is named. */
const MODELS: [RegExp, Quirks, at?: PresetName[]][] = [
  [
    /^(o\d|gpt-([5-9]|\d\d)(?!.*chat))/,
    {
      maxTokens: "max_completion_tokens",
      maxStops: 0,
      refuses: [
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "logprobs",
        "top_logprobs",
      ],
      thinking: { kind: "effort", levels: EFFORTS },
    },
    AT_OPENAI,
  ],
  [/^gpt-5\.[1-9]/, { thinking: { kind: "effort", levels: EFFORTS, off: "none" } }, AT_OPENAI],
  [/^gpt-5\.[4-9]/, { effortWithTools: false }, AT_OPENAI],
  [/^gpt-5.*chat/, { refuses: ["temperature", "top_p"], thinking: { kind: "none" } }, AT_OPENAI],
  [/^(o3|o4-mini)/, { refuses: ["parallel_tool_calls"] }, AT_OPENAI],
  [/^(gpt-[34]|chatgpt|davinci|babbage)/, { thinking: { kind: "none" } }, AT_OPENAI],
  [/^gpt-4o(-mini)?-search/, { refuses: ["temperature", "top_p"], maxStops: 0 }, ["openai"]],
  [/^o1-mini/, { messages: { system: "user" } }, AT_OPENAI],
  [
    /^(mistral|mixtral|ministral|codestral|devstral)/,
    { maxTokens: "max_tokens", streamOptions: false },
    ["azure", "azure-classic"],
  ],
  [
    /^(mistral-small-(latest|2603)|mistral-medium-3\.5)/,
    { thinking: { kind: "effort", levels: ["high"], off: "none" } },
    ["mistral"],
  ],
  [/^grok-3-mini/, { thinking: { kind: "effort", levels: ["low", "high"] } }, ["xai"]],
  [/^grok-4\.[3-9]/, { thinking: { kind: "effort", levels: EFFORTS, off: "none" } }, ["xai"]],
  [
    /^grok-(3-mini|4)/,
    { maxStops: 0, refuses: ["presence_penalty", "frequency_penalty"] },
    ["xai"],
  ],
  [
    /^qwen/,
    {
      thinking: { kind: "effort", levels: [], on: "default", off: "none" },
      extra: { reasoning_format: "parsed" },
    },
    ["groq"],
  ],
  [/^(llama|gemma|mixtral|kimi-k2-instruct|allam)/, { thinking: { kind: "none" } }, ["groq"]],
  [/^deepseek-(r1|reasoner)/, { messages: { merged: true } }],
  [/^gemma/, { messages: { system: "user", merged: true } }, ["vllm", "sglang", "llama-cpp"]],
  [/^(glm-5\.3|kimi-k2\.7-code)/, { thinking: { kind: "none" } }, ["zai", "moonshot"]],
  [/^kimi-k(2\.[5-9]|[3-9])/, { structured: "schema" }, ["moonshot"]],
  [/(mistral|mixtral|ministral|devstral|codestral|magistral|pixtral)/, { toolIds: "nine" }],
];

/** How to speak to a model. */
export function dialectFor({ preset, modelId, ownedBy = "", quirks = {} }: Speaker): Dialect {
  const model = modelId.slice(modelId.lastIndexOf("/") + 1).toLowerCase();
  const engine = ownedBy.toLowerCase();
  const all = [
    ...(preset === undefined ? [] : [presetOf(preset).quirks]),
    ...ENGINES.filter(([pattern]) => pattern.test(engine)).map(([, known]) => known),
    ...MODELS.filter(
      ([pattern, , at]) =>
        pattern.test(model) && (at === undefined || (preset !== undefined && at.includes(preset))),
    ).map(([, known]) => known),
    quirks,
  ];
  return all.reduce(withQuirks, STRICT);
}
