import * as z from "zod/mini";

const flag = z.optional(z.boolean());
const localOption = z.enum(["top_k", "min_p", "typical_p", "repeat_penalty", "repeat_last_n"]);

/**
 * What a user may say about a provider's dialect; `protocol/dialect.ts` tells what each means.
 */
export const quirksSchema = z.strictObject({
  maxTokens: z.optional(z.enum(["max_tokens", "max_completion_tokens"])),
  streamOptions: flag,
  maxStops: z.optional(z.int().check(z.minimum(0))),
  seed: z.optional(z.enum(["seed", "random_seed", "none"])),
  sampling: z.optional(z.partialRecord(localOption, z.string())),
  refuses: z.optional(z.array(z.string())),
  temperature: z.optional(z.strictObject({ min: z.number(), max: z.number() })),
  extra: z.optional(z.record(z.string(), z.unknown())),
  streaming: z.optional(z.enum(["asked", "always", "never"])),
  messages: z.optional(
    z.strictObject({
      system: z.optional(z.enum(["system", "developer", "user"])),
      oneSystem: flag,
      merged: flag,
      textOnly: flag,
      answeredTools: flag,
      prefill: z.optional(z.enum(["none", "prefix", "partial"])),
    }),
  ),
  thinking: z.optional(
    z.discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("effort"),
        levels: z.array(z.string()),
        on: z.optional(z.string()),
        off: z.optional(z.string()),
      }),
      z.strictObject({ kind: z.literal("reasoning") }),
      z.strictObject({ kind: z.literal("type"), levels: z.optional(z.array(z.string())) }),
      z.strictObject({ kind: z.literal("enable") }),
      z.strictObject({
        kind: z.literal("template"),
        key: z.enum(["enable_thinking", "thinking"]),
      }),
      z.strictObject({ kind: z.literal("none") }),
    ]),
  ),
  replay: z.optional(
    z.strictObject({
      form: z.enum([
        "none",
        "reasoning_content",
        "reasoning",
        "details",
        "parts",
        "tags",
        "signature",
      ]),
      turns: z.enum(["all", "tools"]),
    }),
  ),
  effortWithTools: flag,
  schemas: z.optional(z.enum(["any", "gemini", "mistral", "moonshot", "xai", "closed"])),
  toolNames: z.optional(z.enum(["any", "letter"])),
  structured: z.optional(z.enum(["schema", "schema-only", "json-only", "none"])),
  emptyContent: z.optional(z.nullable(z.literal(""))),
  toolIds: z.optional(z.enum(["any", "nine"])),
  requiredTool: z.optional(z.enum(["required", "any", "none"])),
  fim: z.optional(z.array(z.enum(["fim", "beta", "suffix", "infill", "tokens", "chat"]))),
  completions: flag,
  embeddings: z.optional(
    z.strictObject({
      maxBatch: z.int().check(z.minimum(1)),
      dimensions: z.enum(["dimensions", "output_dimension", "none"]),
      encodingFormat: z.boolean(),
    }),
  ),
});
