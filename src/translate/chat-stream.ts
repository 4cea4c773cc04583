import * as openai from "../protocol/openai.ts";
import { toOutcome, type Outcome } from "./outcome.ts";

export interface ChatReader {
  /** The text that this event adds; empty for events without any. */
  push(event: openai.ChatEvent): string;
  /** How the answer ended. Call it once, after the last event. */
  end(): Outcome;
}

/**
 * Reads an answer, streamed or in one piece. Vendors finish twice, send usage before, with or after the
 * finish, and repeat empty deltas; so nothing is concluded before the end. The first reason counts, and
 * the last usage.
 */
export function createChatReader(): ChatReader {
  let finishReason: string | undefined;
  let usage: openai.Usage | undefined;
  let complete = false;
  let hasText = false;

  return {
    push(event) {
      if (event === openai.DONE) {
        complete = true;
        return "";
      }
      usage = event.usage ?? event.x_groq?.usage ?? usage;
      const choice = event.choices?.[0];
      if (!choice) return "";
      finishReason ??= choice.finish_reason ?? undefined;
      const delta = choice.delta ?? choice.message;
      const text = textOf(delta?.content) || textOf(delta?.refusal);
      if (text !== "") hasText = true;
      return text;
    },
    end: () => toOutcome({ finishReason, usage, complete, hasText }),
  };
}

/** Mistral writes lists of parts, of which only the text is an answer. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(textOfPart).join("") : "";
}

function textOfPart(part: unknown): string {
  const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
  return type === "text" && typeof text === "string" ? text : "";
}
