import { BridgeError } from "../base/errors.ts";
import * as openai from "../protocol/openai.ts";
import { createSseDecoder, type SseEvent } from "../protocol/sse.ts";
import { reportsError } from "./error-body.ts";
import { failureFromEvent } from "./failure.ts";

/** Largest answer in one piece, in characters. */
const MAX_JSON_CHARS = 64 * 1024 * 1024;

export interface ChatEventsOptions {
  provider: string;
  redact: (text: string) => string;
}

/**
 * The events of a chat answer, in the batches in which the network brought them. What it is shows in
 * its first character, since content types lie: JSON is a whole answer, `<` a web page, the rest a stream.
 *
 * @throws BridgeError when the provider reports an error or sends something else; batches before it are delivered
 */
export async function* chatEvents(
  body: AsyncIterable<Uint8Array>,
  options: ChatEventsOptions,
): AsyncGenerator<openai.ChatEvent[]> {
  const decoder = new TextDecoder();
  const sse = createSseDecoder();
  let start = "";
  let kind: "unknown" | "stream" | "json" = "unknown";

  for await (const bytes of body) {
    let text = decoder.decode(bytes, { stream: true });
    if (kind !== "stream") {
      start += text;
      if (kind === "unknown") kind = kindOf(start);
      if (kind !== "stream") {
        if (start.length > MAX_JSON_CHARS) throw unreadable(options, "the answer is too long");
        continue;
      }
      text = start;
    }
    const events = decodeSafely(() => sse.push(text), options);
    if (yield* toBatch(events, options)) return;
  }
  if (kind === "stream") yield* toBatch(sse.end(), options);
  else yield wholeAnswer(start + decoder.decode(), options);
}

function kindOf(start: string): "unknown" | "stream" | "json" {
  const first = start.trimStart()[0];
  if (first === undefined) return "unknown";
  return first === "{" || first === "[" || first === "<" ? "json" : "stream";
}

/**
 * One batch, none when the piece of text completed no event. What came before an error is not lost.
 *
 * @returns whether `[DONE]` was among them; what follows it is not read
 */
function* toBatch(
  events: SseEvent[],
  options: ChatEventsOptions,
): Generator<openai.ChatEvent[], boolean> {
  const batch: openai.ChatEvent[] = [];
  for (const event of events) {
    if (event.data === "") continue;
    if (event.data.startsWith("[DONE]")) {
      yield [...batch, openai.DONE];
      return true;
    }
    const failure = event.event === "error" ? event.data : undefined;
    const chunk = failure === undefined ? parse(event.data) : undefined;
    if (chunk === undefined || reportsError(chunk)) {
      if (batch.length > 0) yield batch;
      throw failure === undefined && chunk === undefined
        ? unreadable(options, `an event is not JSON: ${event.data.slice(0, 100)}`)
        : failureFromEvent(chunk ?? parse(event.data) ?? event.data, options);
    }
    batch.push(chunk);
  }
  if (batch.length > 0) yield batch;
  return false;
}

function wholeAnswer(text: string, options: ChatEventsOptions): openai.ChatEvent[] {
  const chunk = parse(text);
  if (chunk !== undefined && !Array.isArray(chunk) && !reportsError(chunk)) {
    if (chunk.choices?.length) return [chunk, openai.DONE];
    throw unreadable(options, "the answer has no choices");
  }
  if (chunk !== undefined) throw failureFromEvent(chunk, options);
  if (text.trim() === "") throw unreadable(options, "the answer is empty");
  if (text.trimStart().startsWith("<")) throw failureFromEvent(text, options);
  throw unreadable(options, "the answer is not JSON");
}

function parse(data: string): openai.ChatChunk | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function decodeSafely(decode: () => SseEvent[], options: ChatEventsOptions): SseEvent[] {
  try {
    return decode();
  } catch (error) {
    throw unreadable(options, error instanceof Error ? error.message : String(error));
  }
}

function unreadable({ provider, redact }: ChatEventsOptions, reason: string): BridgeError {
  return new BridgeError("upstream_failed", `${provider}: ${redact(reason)}.`);
}
