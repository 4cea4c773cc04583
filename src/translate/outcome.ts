import type * as openai from "../protocol/openai.ts";

/** How an answer ended: with Ollama's reason and the provider's own counts, or not properly. */
export type Outcome = Finished | { kind: "broken"; reason: string };

export interface Finished {
  kind: "finished";
  doneReason: "stop" | "length";
  promptTokens?: number;
  /** Everything generated, reasoning included. */
  completionTokens?: number;
  /** Of the prompt's, those that the provider had in its own cache. */
  cachedTokens?: number;
}

/** `length` in the vendors' words; everything that is not in either list is a stop. */
const LENGTH_REASONS = new Set([
  "length",
  "max_tokens",
  "MAX_TOKENS",
  "model_length",
  "max_output_tokens",
  "model_context_window_exceeded",
]);

/** Reasons by which a provider says that it failed (DeepSeek, Z.ai, OpenRouter and Mistral, SGLang). */
const FAILURE_REASONS = new Set([
  "insufficient_system_resource",
  "network_error",
  "error",
  "abort",
]);

const FILTER_REASONS = new Set(["content_filter", "sensitive", "SAFETY"]);

/** What the stream had brought when it ended. */
export interface Remains {
  finishReason: string | undefined;
  usage: openai.Usage | undefined;
  /** `[DONE]` was seen, or the answer came in one piece. */
  complete: boolean;
  hasText: boolean;
  hasCalls?: boolean;
}

/** Truthfully: a stream that stopped without saying why did not finish. */
export function toOutcome({ finishReason, usage, complete, ...answer }: Remains): Outcome {
  const hasAnswer = answer.hasText || answer.hasCalls === true;
  if (finishReason === undefined && !complete && !usage) {
    return {
      kind: "broken",
      reason: hasAnswer
        ? "the provider closed the stream in the middle of the answer"
        : "the provider closed the stream without an answer",
    };
  }
  if (finishReason === undefined && !hasAnswer) {
    return { kind: "broken", reason: "the provider ended the stream without an answer" };
  }
  if (finishReason !== undefined && FAILURE_REASONS.has(finishReason)) {
    return { kind: "broken", reason: `the provider stopped the answer: ${finishReason}` };
  }
  if (finishReason !== undefined && FILTER_REASONS.has(finishReason) && !hasAnswer) {
    return { kind: "broken", reason: "the provider's content filter blocked the answer" };
  }
  return {
    kind: "finished",
    doneReason: isCutOff(finishReason) ? "length" : "stop",
    ...toCounts(usage),
  };
}

/** Whether the answer ended because it was long enough. */
export function isCutOff(finishReason: string | undefined): boolean {
  return finishReason !== undefined && LENGTH_REASONS.has(finishReason);
}

/** xAI and Gemini leave reasoning out of `completion_tokens`, but not out of the total. */
function toCounts(usage: openai.Usage | undefined) {
  const prompt = countOf(usage?.prompt_tokens);
  const completion = countOf(usage?.completion_tokens);
  const total = countOf(usage?.total_tokens);
  const cached =
    countOf(usage?.prompt_tokens_details?.cached_tokens) ??
    countOf(usage?.prompt_cache_hit_tokens) ??
    countOf(usage?.cached_tokens);
  const generated =
    total !== undefined && prompt !== undefined && completion !== undefined
      ? Math.max(completion, total - prompt)
      : completion;
  return {
    ...(prompt !== undefined && { promptTokens: prompt }),
    ...(generated !== undefined && { completionTokens: generated }),
    ...(cached !== undefined && { cachedTokens: cached }),
  };
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
