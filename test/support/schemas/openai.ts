import { count, list, object, text, type Schema } from "./native.ts";

/*
 * What `/v1` may answer. What vendors add around the choices passes through; inside, the fields that the bridge writes
 * have their types.
 */

const some: Schema = { type: "string", minLength: 1 };
const open = (schema: Schema): Schema => ({ ...schema, additionalProperties: true });

const usage = open(
  object({ prompt_tokens: count, completion_tokens: count }, { total_tokens: count }),
);

const called = object({ arguments: text }, { name: some });
const toolDelta = object(
  { index: count, function: called },
  { id: some, type: { const: "function" } },
);

const reasoning = { reasoning: some, reasoning_content: some, reasoning_text: some };

const delta = open(
  object(
    {},
    {
      role: { const: "assistant" },
      content: text,
      tool_calls: list(open(toolDelta), { minItems: 1 }),
      ...reasoning,
    },
  ),
);

const finish = {
  enum: ["stop", "length", "tool_calls", "content_filter", "function_call"],
};

const frame = { id: some, object: text, created: count, model: some };

const message = open(
  object(
    { role: { const: "assistant" }, content: { anyOf: [text, { type: "null" }] } },
    {
      tool_calls: list(
        open(object({ index: count, id: some, type: { const: "function" }, function: called })),
        {
          minItems: 1,
        },
      ),
      ...reasoning,
    },
  ),
);

const nothing: Schema = { type: "null" };

const completion = object({
  text,
  index: { const: 0 },
  logprobs: nothing,
  finish_reason: { anyOf: [nothing, { enum: ["stop", "length"] }] },
});

export const v1Error = object({
  error: object({
    message: some,
    type: { enum: ["invalid_request_error", "not_found_error", "api_error"] },
    param: nothing,
    code: nothing,
  }),
});

const model = object({ id: some, object: { const: "model" }, created: count, owned_by: some });

/** By the path of the route: what an event of its stream, and what its one object may be. */
export const V1: Record<string, { lines: Schema[]; whole: Schema[] }> = {
  "/v1/chat/completions": {
    lines: [
      open(
        object({
          ...frame,
          object: { const: "chat.completion.chunk" },
          choices: list(
            open(
              object(
                { index: { const: 0 }, delta, finish_reason: { anyOf: [nothing, finish] } },
                { logprobs: {} },
              ),
            ),
            { minItems: 1, maxItems: 1 },
          ),
        }),
      ),
      open(
        object({
          ...frame,
          object: { const: "chat.completion.chunk" },
          choices: list({}, { maxItems: 0 }),
          usage,
        }),
      ),
    ],
    whole: [
      open(
        object(
          {
            ...frame,
            object: { const: "chat.completion" },
            choices: list(object({ index: { const: 0 }, message, finish_reason: finish }), {
              minItems: 1,
              maxItems: 1,
            }),
          },
          { usage },
        ),
      ),
    ],
  },
  "/v1/completions": {
    lines: [
      object({ ...frame, choices: list(completion, { minItems: 1, maxItems: 1 }) }),
      object({ ...frame, choices: list({}, { maxItems: 0 }), usage }),
    ],
    whole: [
      object({ ...frame, choices: list(completion, { minItems: 1, maxItems: 1 }) }, { usage }),
    ],
  },
  "/v1/models": {
    lines: [],
    whole: [object({ object: { const: "list" }, data: list(model) })],
  },
  "/v1/models/:id": { lines: [], whole: [model] },
  "/v1/embeddings": {
    lines: [],
    whole: [
      object({
        object: { const: "list" },
        data: list(
          object({
            object: { const: "embedding" },
            embedding: { anyOf: [list({ type: "number" }), some] },
            index: count,
          }),
        ),
        model: some,
        usage: object({ prompt_tokens: count, total_tokens: count }),
      }),
    ],
  },
};
