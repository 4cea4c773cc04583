/*
 * What Ollama's native routes may answer, as JSON Schemas: required fields, no unknown ones. After the matrix in
 * ollama-api.md section 9. Counts are optional: docs/decisions/0002.
 */

export type Schema = Record<string, unknown>;

export function object(
  required: Record<string, Schema>,
  optional: Record<string, Schema> = {},
): Schema {
  return {
    type: "object",
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

export const text: Schema = { type: "string" };
const some: Schema = { type: "string", minLength: 1 };
export const count: Schema = { type: "integer", minimum: 0 };
const duration: Schema = { type: "integer", minimum: 1 };
const date: Schema = {
  type: "string",
  pattern: "^\\d{4,6}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$",
};
const digest: Schema = { type: "string", pattern: "^[0-9a-f]{64}$" };
export const list = (items: Schema, more: Schema = {}): Schema => ({
  type: "array",
  items,
  ...more,
});
const tagged: Schema = { type: "string", pattern: ":[^/:]+$" };
const is = (value: unknown): Schema => ({ const: value });

const logprob = (more: Record<string, Schema>): Schema =>
  object({ token: text, logprob: { type: "number" }, bytes: list(count) }, more);
const logprobs = list(logprob({ top_logprobs: list(logprob({})) }), { minItems: 1 });

const toolCall = object({
  id: some,
  function: object({ index: count, name: some, arguments: { type: "object" } }),
});

const message = object(
  { role: is("assistant"), content: text },
  { thinking: some, tool_calls: list(toolCall, { minItems: 1 }) },
);

const base = { model: some, created_at: date };

const ending = {
  done: is(true),
  done_reason: { enum: ["stop", "length"] },
  total_duration: duration,
  load_duration: duration,
  prompt_eval_duration: duration,
  eval_duration: duration,
};

const counts = { prompt_eval_count: count, eval_count: count, prompt_eval_cached_count: count };

const loaded = { done: is(true), done_reason: { enum: ["load", "unload"] } };

const words = { response: text };
/** Ollama has the field; without tools in the request a model has to invent the call. */
const calls = { tool_calls: list(toolCall, { minItems: 1 }) };
const context = list({ type: "integer", minimum: 0 });

export const error = object({ error: some });

const capabilities = list({
  enum: ["completion", "tools", "insert", "vision", "embedding", "thinking", "image", "audio"],
});

const details = object(
  {
    parent_model: text,
    format: some,
    family: some,
    families: list(some),
    parameter_size: text,
    quantization_level: text,
  },
  { context_length: duration },
);

/** By the path of the route: what a line of its stream, and what its one object may be. */
export const NATIVE: Record<string, { lines: Schema[]; whole: Schema[] }> = {
  "/api/chat": {
    lines: [
      object({ ...base, message, done: is(false) }, { logprobs }),
      object({ ...base, message, ...ending }, counts),
    ],
    whole: [
      object({ ...base, message, ...ending }, { ...counts, logprobs }),
      object({ ...base, message, ...loaded }),
    ],
  },
  "/api/generate": {
    lines: [
      object(
        { ...base, ...words, done: is(false), context },
        { ...calls, thinking: some, logprobs },
      ),
      object({ ...base, ...words, ...ending }, { ...counts, context }),
    ],
    whole: [
      object(
        { ...base, ...words, ...ending },
        { ...counts, ...calls, context, thinking: some, logprobs },
      ),
      object({ ...base, ...words, ...loaded }),
    ],
  },
  "/api/version": {
    lines: [],
    whole: [object({ version: { type: "string", pattern: "^\\d+\\.\\d+\\.\\d+$" } })],
  },
  "/api/tags": {
    lines: [],
    whole: [
      object({
        models: list(
          object({
            name: tagged,
            model: tagged,
            modified_at: date,
            size: count,
            digest,
            details,
            capabilities,
          }),
        ),
      }),
    ],
  },
  "/api/show": {
    lines: [],
    whole: [
      object(
        {
          modelfile: some,
          template: some,
          details,
          model_info: { type: "object" },
          capabilities,
          modified_at: date,
        },
        { parameters: some, system: some },
      ),
    ],
  },
  "/api/ps": {
    lines: [],
    whole: [
      object({
        models: list(
          object(
            {
              name: tagged,
              model: tagged,
              size: count,
              digest,
              details,
              expires_at: date,
              size_vram: count,
            },
            { context_length: duration },
          ),
        ),
      }),
    ],
  },
  "/api/embed": {
    lines: [],
    whole: [
      object({ model: some, embeddings: list(list({ type: "number" }), { maxItems: 0 }) }),
      object({
        model: some,
        embeddings: list(list({ type: "number" }, { minItems: 1 }), { minItems: 1 }),
        total_duration: duration,
        load_duration: duration,
        prompt_eval_count: count,
      }),
    ],
  },
  "/api/embeddings": { lines: [], whole: [object({ embedding: list({ type: "number" }) })] },
  ...Object.fromEntries(
    ["/api/pull", "/api/create"].map((path) => [
      path,
      {
        lines: [
          object(
            { status: some },
            {
              digest: { type: "string", pattern: "^sha256:[0-9a-f]{64}$" },
              total: count,
              completed: duration,
            },
          ),
        ],
        whole: [object({ status: is("success") })],
      },
    ]),
  ),
};
