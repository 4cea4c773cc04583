import type * as openai from "../protocol/openai.ts";
import type { TokenLogprob } from "./logprobs.ts";

/** Text of an answer, or of the thinking before it. */
export interface Piece {
  kind: "text" | "thinking";
  text: string;
  logprobs?: TokenLogprob[] | undefined;
}

/**
 * The reasoning in a delta or message, from the first of the vendors' fields that has any: several send the
 * same words in two or three of them (OpenRouter, Avian, Chutes).
 */
export function reasoningIn(delta: openai.ChatDelta): string {
  return (
    textOf(delta.reasoning_content) ||
    textOf(delta.reasoning) ||
    textOf(delta.reasoning_text) ||
    textOf(delta.thinking) ||
    textOf(delta.reasoning_details)
  );
}

/** The parts of a content list, in their order: Mistral mixes thinking and text in one. Others are skipped. */
export function piecesIn(content: readonly unknown[]): Piece[] {
  return content.flatMap((part): Piece[] => {
    const { type, text, thinking } = (part ?? {}) as Record<string, unknown>;
    if (type === "text" && typeof text === "string") return [{ kind: "text", text }];
    if (type === "thinking") return [{ kind: "thinking", text: textOf(thinking) }];
    return [];
  });
}

/** A string, an object with `content`, `text` or `summary`, or a list of those; encrypted entries have none. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("");
  if (typeof value !== "object" || value === null) return "";
  const { content, text, summary } = value as Record<string, unknown>;
  return textOf(content ?? text ?? summary);
}
