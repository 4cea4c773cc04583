import type * as openai from "../protocol/openai.ts";
import type { Exchange } from "./exchange.ts";
import { createLineSource } from "./line-reply.ts";
import { jsonText, ndjson, sse } from "./reply.ts";
import { openaiErrorEvent } from "./v1-error.ts";

/** Turns a provider's events into what a route answers, as lines or as one piece. */
export interface AnswerWriter {
  /** What a line is on the wire. */
  readonly framing: "ndjson" | "sse";
  /** Reads an event; the lines that it makes. */
  lines(event: openai.ChatEvent): string[];
  /**
   * The last lines: first what was held back, then, in a batch of its own, how it ended.
   *
   * @throws BridgeError `upstream_failed` between the two, for an answer that broke off
   */
  end(): Iterable<string[]>;
  /** Reads an event of an answer in one piece. */
  read(event: openai.ChatEvent): void;
  /** @throws BridgeError `upstream_failed` for an answer that broke off */
  whole(): string;
  /** Nothing that follows counts. */
  readonly isStopped: boolean;
}

/** A call under way. */
export interface Call {
  events: AsyncIterable<openai.ChatEvent[]>;
  writer: AnswerWriter;
  /** All of the answer has come, and it came out right. */
  onWhole?: () => void;
}

/** The answer to a call: as a stream, or in one piece. */
export async function answer(
  call: Call,
  { exchange, stream }: { exchange: Exchange; stream: boolean },
): Promise<Response> {
  const { writer } = call;
  if (!stream) return jsonText(await toWhole(call));
  const lines = toLines(call);
  const first = await lines.next();
  const isSse = writer.framing === "sse";
  const source = createLineSource(lines, {
    first: first.done ? [] : first.value,
    onEnd: (end) => {
      exchange.finish(200, end);
    },
    ...(isSse && { toErrorLine: openaiErrorEvent }),
  });
  return isSse ? sse(source) : ndjson(source);
}

async function* toLines({ events, writer, onWhole }: Call): AsyncGenerator<string[]> {
  for await (const batch of events) {
    const lines = batch.flatMap((event) => writer.lines(event));
    if (lines.length > 0) yield lines;
    if (writer.isStopped) break;
  }
  for (const lines of writer.end()) {
    if (lines.length > 0) yield lines;
  }
  onWhole?.();
}

async function toWhole({ events, writer, onWhole }: Call): Promise<string> {
  for await (const batch of events) {
    for (const event of batch) writer.read(event);
    if (writer.isStopped) break;
  }
  const whole = writer.whole();
  onWhole?.();
  return whole;
}
