import * as z from "zod/mini";

/*
 * Ollama's native API as its own server decodes and writes it (api/types.go). Requests are schemas:
 * loose, with `null` meaning absent. Answers are plain interfaces with the wire's field names.
 */

const optional = <S extends z.core.$ZodType>(schema: S) => z.optional(z.nullable(schema));

const message = z.looseObject({
  role: optional(z.string()),
  /** Ollama takes strings; avante and ollama-ai-provider-v2 send lists of parts. */
  content: optional(z.union([z.string(), z.array(z.unknown())])),
  thinking: optional(z.string()),
  images: optional(z.array(z.unknown())),
  tool_calls: optional(z.array(z.unknown())),
  tool_name: optional(z.string()),
  name: optional(z.string()),
  tool_call_id: optional(z.string()),
});

export type Message = z.output<typeof message>;

/** `true`, `false`, or how hard to think; any string passes here, because its error text is Ollama's own. */
const think = optional(z.union([z.boolean(), z.string()]));

const keepAlive = optional(z.union([z.number(), z.string()]));

const inference = {
  model: optional(z.string()),
  stream: optional(z.boolean()),
  /** "json", a JSON Schema, or an empty string; anything else is refused with Ollama's text. */
  format: z.optional(z.unknown()),
  options: optional(z.record(z.string(), z.unknown())),
  keep_alive: keepAlive,
  think,
  logprobs: optional(z.boolean()),
  top_logprobs: optional(z.number()),
};

export const chatRequest = z.looseObject({
  ...inference,
  messages: optional(z.array(message)),
  tools: optional(z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) }))),
  /** Not Ollama's: an extension that several clients send all the same. */
  tool_choice: optional(z.union([z.string(), z.record(z.string(), z.unknown())])),
});

export const generateRequest = z.looseObject({
  ...inference,
  prompt: optional(z.string()),
  suffix: optional(z.string()),
  system: optional(z.string()),
  template: optional(z.string()),
  images: optional(z.array(z.unknown())),
  raw: optional(z.boolean()),
  context: optional(z.array(z.number())),
});

const embedding = {
  model: optional(z.string()),
  keep_alive: keepAlive,
  options: optional(z.record(z.string(), z.unknown())),
};

export const embedRequest = z.looseObject({
  ...embedding,
  /** A string or a list of them; anything else is refused with Ollama's text. */
  input: z.optional(z.unknown()),
  truncate: optional(z.boolean()),
  dimensions: optional(z.number()),
});

/** The legacy route. */
export const embeddingsRequest = z.looseObject({ ...embedding, prompt: optional(z.string()) });

/** `name` is the deprecated spelling of `model`; Continue, litellm and ollama-js still send it. */
const named = { model: optional(z.string()), name: optional(z.string()) };

export const showRequest = z.looseObject(named);

export const pullRequest = z.looseObject({ ...named, stream: optional(z.boolean()) });

export const createRequest = z.looseObject({
  ...named,
  from: optional(z.string()),
  files: optional(z.record(z.string(), z.unknown())),
  adapters: optional(z.record(z.string(), z.unknown())),
  quantize: optional(z.string()),
  system: optional(z.string()),
  template: optional(z.string()),
  parameters: optional(z.record(z.string(), z.unknown())),
  messages: optional(z.array(message)),
  stream: optional(z.boolean()),
});

export const copyRequest = z.looseObject({
  source: optional(z.string()),
  destination: optional(z.string()),
});

export const deleteRequest = z.looseObject(named);

export type CreateRequest = z.output<typeof createRequest>;

export type ChatRequest = z.output<typeof chatRequest>;
export type GenerateRequest = z.output<typeof generateRequest>;

export type DoneReason = "stop" | "length" | "load" | "unload";

/** Durations are integer nanoseconds. Counts are absent when the provider did not tell them. */
export interface Metrics {
  total_duration: number;
  load_duration: number;
  prompt_eval_count?: number;
  prompt_eval_duration: number;
  eval_count?: number;
  eval_duration: number;
}

export interface ModelDetails {
  parent_model: string;
  format: string;
  family: string;
  /** Never null: opencode refuses that, though Ollama itself may send it. */
  families: string[];
  parameter_size: string;
  quantization_level: string;
  context_length?: number;
}

export interface ListedModel {
  name: string;
  model: string;
  modified_at: string;
  /** Bytes; 0, since nothing lies on this machine. */
  size: number;
  /** 64 hexadecimal digits without a prefix. */
  digest: string;
  details: ModelDetails;
  capabilities: string[];
}

export interface RunningModel extends Omit<ListedModel, "modified_at" | "capabilities"> {
  expires_at: string;
  size_vram: number;
  /** Absent when the provider does not publish it. */
  context_length?: number;
}

export interface ShownModel {
  modelfile: string;
  /** One `key value` line each; absent when there is none. */
  parameters?: string;
  template: string;
  system?: string;
  details: ModelDetails;
  model_info: Record<string, string | number>;
  capabilities: string[];
  modified_at: string;
}
