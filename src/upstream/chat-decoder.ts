import { BridgeError } from "../base/errors.ts";
import * as openai from "../protocol/openai.ts";
import { createSseDecoder, type SseEvent } from "../protocol/sse.ts";
import { reportsError } from "./error-body.ts";
import { failureFromEvent } from "./failure.ts";

/** Largest answer in one piece, in characters. */
const MAX_JSON_CHARS = 64 * 1024 * 1024;

export interface ChatDecoderOptions {
  /** The provider's id, in front of each message. */
  provider: string;
  redact: (text: string) => string;
}

/** What a piece of the answer brought. Events before a failure count. */
interface Decoded {
  events: openai.ChatEvent[];
  /** The provider reported an error, or sent what nobody can read. */
  failure?: BridgeError;
  /** `[DONE]`: what follows is not read. */
  done?: boolean;
}

export interface ChatDecoder {
  push(bytes: Uint8Array): Decoded;
  end(): Decoded;
}

/**
 * The events of a chat answer from its bytes, cut anywhere. What it is shows in its first character,
 * since content types lie: JSON is a whole answer, `<` a web page, the rest a stream.
 */
export function createChatDecoder(options: ChatDecoderOptions): ChatDecoder {
  const utf8 = new TextDecoder();
  const sse = createSseDecoder();
  let start = "";
  let kind: "unknown" | "stream" | "whole" = "unknown";

  function decode(read: () => SseEvent[]): Decoded {
    try {
      return toEvents(read(), options);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { events: [], failure: unreadable(options, reason) };
    }
  }

  return {
    push(bytes) {
      const text = utf8.decode(bytes, { stream: true });
      if (kind === "stream") return decode(() => sse.push(text));
      start += text;
      if (kind === "unknown") kind = kindOf(start);
      if (kind === "stream") return decode(() => sse.push(start));
      if (start.length <= MAX_JSON_CHARS) return { events: [] };
      return { events: [], failure: unreadable(options, "the answer is too long") };
    },
    end: () =>
      kind === "stream" ? decode(() => sse.end()) : wholeAnswer(start + utf8.decode(), options),
  };
}

function kindOf(start: string): "unknown" | "stream" | "whole" {
  const first = start.trimStart()[0];
  if (first === undefined) return "unknown";
  return first === "{" || first === "[" || first === "<" ? "whole" : "stream";
}

function toEvents(received: SseEvent[], options: ChatDecoderOptions): Decoded {
  const events: openai.ChatEvent[] = [];
  for (const { event, data } of received) {
    if (data === "") continue;
    if (data.startsWith("[DONE]")) {
      events.push(openai.DONE);
      return { events, done: true };
    }
    const chunk = parse(data);
    if (event === "error") return { events, failure: failureFromEvent(chunk ?? data, options) };
    if (chunk === undefined) {
      const reason = `an event is not JSON: ${data.slice(0, 100)}`;
      return { events, failure: unreadable(options, reason) };
    }
    if (reportsError(chunk)) return { events, failure: failureFromEvent(chunk, options) };
    events.push(fromInfill(chunk) ?? chunk);
  }
  return { events };
}

function wholeAnswer(text: string, options: ChatDecoderOptions): Decoded {
  const chunk = parse(text);
  if (chunk === undefined) {
    const failure = text.trimStart().startsWith("<")
      ? failureFromEvent(text, options)
      : unreadable(options, text.trim() === "" ? "the answer is empty" : "the answer is not JSON");
    return { events: [], failure };
  }
  const infill = fromInfill(chunk);
  if (infill) return { events: [infill, openai.DONE] };
  if (chunk.choices?.length && !reportsError(chunk)) {
    return { events: [withoutDeltas(chunk), openai.DONE] };
  }
  const failure =
    Array.isArray(chunk) || reportsError(chunk)
      ? failureFromEvent(chunk, options)
      : unreadable(options, "the answer has no choices");
  return { events: [], failure };
}

/** llama.cpp's `/infill` answers in a shape of its own. */
function fromInfill(chunk: object): openai.ChatChunk | undefined {
  const { choices, content, stop, stop_type, tokens_evaluated, tokens_predicted } = chunk as Record<
    string,
    unknown
  >;
  if (choices !== undefined || typeof content !== "string" || typeof stop !== "boolean") {
    return undefined;
  }
  const finish_reason = stop ? (stop_type === "limit" ? "length" : "stop") : null;
  const usage = stop
    ? { prompt_tokens: countIn(tokens_evaluated), completion_tokens: countIn(tokens_predicted) }
    : null;
  return { choices: [{ text: content, finish_reason }], usage };
}

function countIn(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Perplexity puts an empty delta beside the message of a whole answer; in its streams the delta is what counts. */
function withoutDeltas(chunk: openai.ChatChunk): openai.ChatChunk {
  const choices = chunk.choices?.map((choice) => (choice?.message ? omitDelta(choice) : choice));
  return { ...chunk, choices };
}

function omitDelta({ message, finish_reason }: openai.ChatChoice): openai.ChatChoice {
  return { message, finish_reason };
}

function parse(data: string): openai.ChatChunk | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function unreadable({ provider, redact }: ChatDecoderOptions, reason: string): BridgeError {
  return new BridgeError("upstream_failed", `${provider}: ${redact(reason)}.`);
}
