import type { Replay } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import { keysInHistory, type Recall, type Remembered } from "./turn-key.ts";

export interface ReplayOptions {
  replay: Replay;
  recall: Recall;
  /** The request asks for thinking, so every earlier turn counts as one that thought. */
  isThinking: boolean;
}

/** Google's documented stand-in for a signature that nobody has kept. */
const NO_SIGNATURE = { google: { thought_signature: "skip_thought_signature_validator" } };

/**
 * The reasoning of earlier turns in the field in which the provider wants it back: what the client returned,
 * else what the bridge remembers. Where it must be there and nobody has it, it is empty. Everywhere else it
 * is left out: OpenAI and others refuse it.
 */
export function replayReasoning(
  messages: readonly openai.ChatMessage[],
  { replay, recall, isThinking }: ReplayOptions,
): openai.ChatMessage[] {
  const known = messages.map((message, index) =>
    message.role === "assistant" && replay.form !== "none"
      ? recall(keysInHistory(message, messages[index - 1]))
      : undefined,
  );
  const thinks =
    isThinking || messages.some(({ reasoning }, index) => reasoning ?? known[index]?.reasoning);
  return messages.map(
    ({ reasoning: returned, reasoning_content, reasoning_details, ...message }, index) => {
      if (message.role !== "assistant") return message;
      const remembered = known[index];
      const own = returned ?? reasoning_content;
      const reasoning = own || remembered?.reasoning || "";
      const isWanted = replay.turns === "all" || Boolean(message.tool_calls);
      const details = reasoning_details ?? remembered?.details;
      return isWanted
        ? withReasoning(message, { form: replay.form, reasoning, details, remembered, thinks })
        : message;
    },
  );
}

interface Reasoned {
  form: Replay["form"];
  reasoning: string;
  details: unknown[] | undefined;
  remembered: Remembered | undefined;
  thinks: boolean;
}

function withReasoning(
  message: openai.ChatMessage,
  { form, reasoning, details, remembered, thinks }: Reasoned,
): openai.ChatMessage {
  switch (form) {
    case "reasoning_content":
      return thinks ? { ...message, reasoning_content: reasoning } : message;
    case "reasoning":
      return reasoning === "" ? message : { ...message, reasoning };
    case "details":
      // Signed: untouched or not at all.
      return details?.length ? { ...message, reasoning_details: details } : message;
    case "parts":
      return reasoning === "" ? message : { ...message, content: toParts(message, reasoning) };
    case "tags":
      return reasoning === ""
        ? message
        : { ...message, content: `<think>${reasoning}</think>\n${textOf(message)}` };
    case "signature":
      return withSignatures(message, remembered?.signatures ?? []);
    case "none":
      return message;
  }
}

/** Mistral's list. */
function toParts(message: openai.ChatMessage, reasoning: string): Record<string, unknown>[] {
  const text = textOf(message);
  return [
    { type: "thinking", thinking: [{ type: "text", text: reasoning }], closed: true },
    ...(text === "" ? [] : [{ type: "text", text }]),
  ];
}

/** Gemini 3 answers 400 when the first call of a step has none. */
function withSignatures(message: openai.ChatMessage, signatures: unknown[]): openai.ChatMessage {
  if (!message.tool_calls) return message;
  const tool_calls = message.tool_calls.map((call, index) => {
    const extra_content =
      call.extra_content ?? signatures[index] ?? (index === 0 ? NO_SIGNATURE : undefined);
    return extra_content === undefined ? call : { ...call, extra_content };
  });
  return { ...message, tool_calls };
}

function textOf({ content }: openai.ChatMessage): string {
  return typeof content === "string" ? content : "";
}
