import type { Overflow } from "../base/errors.ts";

/** How providers say that a prompt is too long; providers.md 5.3. */
const TEXTS = [
  /context_length_exceeded/i,
  /maximum context length is/i,
  /exceeds the context window/i,
  /prompt is too long/i,
  /input is too long/i,
  /input token count.*exceeds/i,
  /maximum prompt length is/i,
  /reduce the length of the messages/i,
  /exceeds the available context size|exceed_context_size_error/i,
  /greater than the context length/i,
  /exceeds the limit of \d+/i,
  /context window exceeds limit/i,
  /exceeded model token limit/i,
  /too large for model with \d+ maximum context length/i,
  /current length is \d+ while limit is \d+/i,
  /too_many_prompt_tokens|total length of all messages is too long/i,
  /prompt too long; exceeded max context length/i,
  /is longer than the model's context length/i,
  /`inputs` tokens \+ `max_new_tokens` must be/i,
  /requested input length .* exceeds/i,
  /model_context_window_exceeded/i,
];

/** Words of a limit per minute, which is another matter. */
const RATE = /rate.?limit|per minute|\bTPM\b/i;

const NUMBER = String.raw`(\d[\d,_ ]*\d|\d)`;

/** Where the model's limit stands in such a text. */
const LIMITS = [
  new RegExp(String.raw`maximum (?:context|prompt) length (?:is|of) ${NUMBER}`, "i"),
  new RegExp(String.raw`model with ${NUMBER} maximum context length`, "i"),
  new RegExp(String.raw`while limit is ${NUMBER}`, "i"),
  new RegExp(
    String.raw`(?:>|exceeds the limit of|token limit: ?|max context length of|available context size \(?|maximum number of tokens allowed \(?) ?${NUMBER}`,
    "i",
  ),
  new RegExp(String.raw`must be <= ${NUMBER}`, "i"),
  new RegExp(String.raw`"n_ctx": ?${NUMBER}`, "i"),
];

/** Where the size of the prompt stands. */
const PROMPTS = [
  new RegExp(String.raw`resulted in ${NUMBER}`, "i"),
  new RegExp(
    String.raw`(?:requested(?: about)?|contains(?: at least)?|is too long: ?|current length is|request \(|input token count \(?|prompt contains) ?${NUMBER}`,
    "i",
  ),
  new RegExp(String.raw`given: ${NUMBER}`, "i"),
  new RegExp(String.raw`"n_prompt_tokens": ?${NUMBER}`, "i"),
];

/**
 * Whether an error means that the prompt has more tokens than the model's context, and the numbers in it.
 *
 * @param text the message and, where the numbers stand beside it, the body
 */
export function overflowIn(text: string, status: number | undefined): Overflow | undefined {
  if (status === 429 || RATE.test(text)) return undefined;
  if (!TEXTS.some((pattern) => pattern.test(text))) return undefined;
  return { limit: numberIn(text, LIMITS), prompt: numberIn(text, PROMPTS) };
}

function numberIn(text: string, patterns: RegExp[]): number | undefined {
  const found = patterns.map((pattern) => pattern.exec(text)?.[1]).find((one) => one !== undefined);
  const value = Number(found?.replaceAll(/[,_ ]/g, "") ?? NaN);
  return value > 0 ? value : undefined;
}
