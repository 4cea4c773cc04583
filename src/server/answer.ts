import { BridgeError } from "../base/errors.ts";
import { createTimestamps, type Clock } from "../base/clock.ts";
import type { Target } from "../catalog/catalog.ts";
import type * as ollama from "../protocol/ollama.ts";
import type * as openai from "../protocol/openai.ts";
import type { AnswerForm, Ending } from "../translate/answer-form.ts";
import { createChatReader } from "../translate/chat-stream.ts";
import type { Outcome } from "../translate/outcome.ts";
import type { Exchange } from "./exchange.ts";
import { createLineSource } from "./line-reply.ts";
import { jsonText, ndjson } from "./reply.ts";

export interface AnswerOptions {
  exchange: Exchange;
  clock: Clock;
  target: Target;
  form: AnswerForm;
}

/** Calls the provider and answers in the route's form: as a stream, or in one piece. */
export async function answer(call: openai.ChatRequest, options: AnswerOptions): Promise<Response> {
  const { exchange, target } = options;
  exchange.note({ provider: target.upstream.id });
  const meter = createMeter(options);
  const events = await target.upstream.chat(call, exchange.signal);
  if (!call.stream) return jsonText(await toWhole(events, { ...options, meter }));

  const lines = toLines(events, { ...options, meter });
  const first = await lines.next();
  return ndjson(
    createLineSource(lines, {
      first: first.done ? [] : first.value,
      onEnd: (error) => {
        exchange.finish(200, error);
      },
    }),
  );
}

interface Answering extends AnswerOptions {
  meter: Meter;
}

/** The lines of each batch that brought text, then the last line. */
async function* toLines(
  events: AsyncIterable<openai.ChatEvent[]>,
  { clock, form, meter }: Answering,
): AsyncGenerator<string[]> {
  const reader = createChatReader();
  const timestamp = createTimestamps(clock);
  for await (const batch of events) {
    const lines: string[] = [];
    for (const event of batch) {
      const text = reader.push(event);
      if (text !== "") lines.push(form.text(text, timestamp()));
    }
    if (lines.length === 0) continue;
    meter.text();
    yield lines;
  }
  yield [form.final(meter.end(reader.end(), timestamp()))];
}

async function toWhole(
  events: AsyncIterable<openai.ChatEvent[]>,
  { clock, form, meter }: Answering,
): Promise<string> {
  const reader = createChatReader();
  let text = "";
  for await (const batch of events) {
    for (const event of batch) text += reader.push(event);
  }
  return form.whole(text, meter.end(reader.end(), createTimestamps(clock)()));
}

interface Meter {
  /** Text has arrived; the first time counts. */
  text(): void;
  /** @throws BridgeError `upstream_failed` for an answer that broke off */
  end(outcome: Outcome, createdAt: string): Ending;
}

/**
 * Measures what Ollama reports: until the call was under way, until the first text, from there to the end.
 * In an answer of one piece reading and writing cannot be told apart; the time counts as writing.
 */
function createMeter({ exchange, clock, target }: AnswerOptions): Meter {
  const sentAt = clock.monotonic();
  let firstTextAt: number | undefined;
  return {
    text: () => {
      firstTextAt ??= clock.monotonic();
    },
    end(outcome, createdAt) {
      if (outcome.kind === "broken") {
        throw new BridgeError("upstream_failed", `${target.upstream.id}: ${outcome.reason}`);
      }
      const { promptTokens, completionTokens, doneReason } = outcome;
      exchange.note({ promptTokens, completionTokens });
      const now = clock.monotonic();
      const metrics: ollama.Metrics = {
        total_duration: toNanoseconds(now - exchange.arrivedAt),
        load_duration: toNanoseconds(sentAt - exchange.arrivedAt),
        ...(promptTokens !== undefined && { prompt_eval_count: promptTokens }),
        prompt_eval_duration: toNanoseconds((firstTextAt ?? sentAt) - sentAt),
        ...(completionTokens !== undefined && { eval_count: completionTokens }),
        eval_duration: toNanoseconds(now - (firstTextAt ?? sentAt)),
      };
      return { createdAt, doneReason, metrics };
    },
  };
}

/** At least 1: clients divide by it. */
function toNanoseconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds * 1e6));
}
