import * as z from "zod/mini";

/*
 * What clients send to `/v1`. Loose, with `null` meaning absent, as clients fill in more than they need to;
 * unknown fields are kept.
 */

const optional = <S extends z.core.$ZodType>(schema: S) => z.optional(z.nullable(schema));

const number = optional(z.number());
const record = z.record(z.string(), z.unknown());

const v1Message = z.looseObject({
  role: optional(z.string()),
  content: optional(z.union([z.string(), z.array(z.unknown())])),
  name: optional(z.string()),
  tool_calls: optional(z.array(z.unknown())),
  tool_call_id: optional(z.string()),
  reasoning: z.optional(z.unknown()),
  reasoning_content: z.optional(z.unknown()),
  reasoning_text: z.optional(z.unknown()),
  reasoning_details: optional(z.array(z.unknown())),
});

const sampling = {
  temperature: number,
  top_p: number,
  presence_penalty: number,
  frequency_penalty: number,
  seed: number,
  max_tokens: number,
  stop: optional(z.union([z.string(), z.array(z.string())])),
  top_k: number,
  min_p: number,
};

const streaming = {
  model: optional(z.string()),
  stream: optional(z.boolean()),
  stream_options: optional(z.looseObject({ include_usage: optional(z.boolean()) })),
};

export const v1ChatRequest = z.looseObject({
  ...streaming,
  ...sampling,
  messages: optional(z.array(v1Message)),
  max_completion_tokens: number,
  tools: optional(z.array(z.looseObject({}))),
  tool_choice: optional(z.union([z.string(), record])),
  parallel_tool_calls: optional(z.boolean()),
  response_format: optional(z.looseObject({ type: z.string() })),
  reasoning_effort: optional(z.string()),
  reasoning: optional(z.looseObject({ effort: optional(z.string()) })),
  logprobs: optional(z.boolean()),
  top_logprobs: number,
});

export const v1CompletionRequest = z.looseObject({
  ...streaming,
  ...sampling,
  prompt: optional(z.string()),
  suffix: optional(z.string()),
});

export const v1EmbeddingsRequest = z.looseObject({
  model: optional(z.string()),
  input: z.optional(z.unknown()),
  dimensions: number,
  encoding_format: optional(z.string()),
});

export type V1Message = z.output<typeof v1Message>;
export type V1ChatRequest = z.output<typeof v1ChatRequest>;
export type V1CompletionRequest = z.output<typeof v1CompletionRequest>;
