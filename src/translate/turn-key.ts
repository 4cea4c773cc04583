import { createHash } from "node:crypto";
import type * as openai from "../protocol/openai.ts";
import type { AnsweredCall } from "./tool-calls.ts";
import { textOfPart } from "./messages.ts";

/** What a provider wants to see again of one of its answers, and Ollama's clients do not keep. */
export interface Remembered {
  /** The reasoning in words. */
  reasoning: string;
  /** OpenRouter's signed list, untouched. */
  details: unknown[];
  /** Gemini's thought signatures, by the position of the call. */
  signatures: unknown[];
}

/** Finds what was remembered of an answer, by any of its keys. */
export type Recall = (keys: string[]) => Remembered | undefined;

export interface AnsweredTurn {
  text: string;
  calls: Pick<AnsweredCall, "id" | "name" | "arguments">[];
  /** What the answer answered. */
  before: openai.ChatMessage | undefined;
}

/**
 * The keys of an answer: its calls' ids, which newer clients send back, and a hash over its words, calls and
 * the message before it, which all do.
 */
export function keysOf({ text, calls, before }: AnsweredTurn): string[] {
  const facts = JSON.stringify([
    text.trim(),
    calls.map(({ name, arguments: values }) => [name, canonical(values)]),
    before ? [before.role, wordsOf(before)] : null,
  ]);
  const hash = createHash("sha256").update(facts).digest("base64");
  return [...calls.map(({ id }) => `call ${id}`), `turn ${hash}`];
}

/** The same keys from a history, where arguments are JSON text. */
export function keysInHistory(
  answer: openai.ChatMessage,
  before: openai.ChatMessage | undefined,
): string[] {
  const calls = (answer.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({
    id,
    name,
    arguments: parse(text),
  }));
  return keysOf({ text: wordsOf(answer), calls, before });
}

function wordsOf({ content }: openai.ChatMessage): string {
  if (typeof content === "string") return content.trim();
  return (content ?? [])
    .flatMap((part) => textOfPart(part) ?? [])
    .join("\n")
    .trim();
}

/** Clients reorder keys; their order is no part of the call. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, canonical(inner)]);
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
