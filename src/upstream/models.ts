import * as z from "zod/mini";
import type * as openai from "../protocol/openai.ts";
import { BridgeError } from "../base/errors.ts";

const count = z.catch(z.nullish(z.number()), undefined);

/** Only what we use; each vendor names the context window differently (vLLM, OpenRouter, Groq, Mistral, llama.cpp). */
const model = z.looseObject({
  id: z.string(),
  created: count,
  owned_by: z.catch(z.nullish(z.string()), undefined),
  max_model_len: count,
  context_length: count,
  context_window: count,
  max_context_length: count,
  meta: z.catch(z.nullish(z.looseObject({ n_ctx: count })), undefined),
});

/** Usually `{data:[…]}`; Together answers a bare array. */
const envelope = z.union([z.array(z.unknown()), z.looseObject({ data: z.array(z.unknown()) })]);

/**
 * The body of `GET /models`. Entries without an id are left out.
 *
 * @throws BridgeError `upstream_failed` when it is not a list
 */
export function parseModels(text: string, provider: string): openai.Model[] {
  const list = envelope.safeParse(parseJson(text));
  if (!list.success) {
    throw new BridgeError(
      "upstream_failed",
      `${provider}: the answer to /models is not a model list. Check the base URL.`,
    );
  }
  const entries = Array.isArray(list.data) ? list.data : list.data.data;
  return entries.flatMap((entry) => {
    const found = model.safeParse(entry);
    return found.success && found.data.id !== "" ? [toModel(found.data)] : [];
  });
}

function toModel(entry: z.output<typeof model>): openai.Model {
  const window =
    entry.max_model_len ??
    entry.context_length ??
    entry.context_window ??
    entry.max_context_length ??
    entry.meta?.n_ctx;
  return {
    id: entry.id,
    created: positive(entry.created),
    owned_by: entry.owned_by ?? undefined,
    contextLength: positive(window),
  };
}

/** Cerebras and Perplexity write 0 for a date that they do not know. */
function positive(value: number | null | undefined): number | undefined {
  return value !== null && value !== undefined && 0 < value ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
