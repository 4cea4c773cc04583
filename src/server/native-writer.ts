import { createTimestamps, type Clock } from "../base/clock.ts";
import { BridgeError } from "../base/errors.ts";
import type { AnswerForm, WholeAnswer } from "../translate/answer-form.ts";
import type { ChatEnd, ChatReader } from "../translate/chat-stream.ts";
import type { Finished } from "../translate/outcome.ts";
import type { Piece } from "../translate/reasoning.ts";
import type { AnsweredCall } from "../translate/tool-calls.ts";
import type { AnswerWriter } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import { createMeter } from "./meter.ts";

/** What reads the provider's events: a chat's reader, or that of a hole in code. */
type AnswerReader = Pick<ChatReader, "push" | "end" | "isStopped">;

/** An answer that ended as it should. */
interface FinishedAnswer extends ChatEnd {
  outcome: Finished;
  answeredCalls: AnsweredCall[];
}

export interface NativeWriterOptions {
  reader: AnswerReader;
  form: AnswerForm;
  exchange: Exchange;
  clock: Clock;
  /** The provider's id, in front of what went wrong. */
  provider: string;
  /** Called once, when the answer is whole and before its last line is written. */
  onFinished?: (answer: FinishedAnswer) => { context?: number[] };
}

/** Writes in the form of a native route, or of `/v1/completions`. Make it when the call begins: it measures. */
export function createNativeWriter(options: NativeWriterOptions): AnswerWriter {
  const { reader, form, exchange, clock } = options;
  const meter = createMeter({ exchange, clock });
  const timestamp = createTimestamps(clock);
  const collected: WholeAnswer = { pieces: [], calls: [] };

  function toLines(pieces: Piece[]): string[] {
    return pieces.map((piece) => form.piece(piece, timestamp())).filter((line) => line !== "");
  }

  function finish(end: ChatEnd): { calls: AnsweredCall[]; last: Parameters<typeof form.final>[0] } {
    const finished = toFinished(end, options.provider);
    const context = options.onFinished?.(finished) ?? {};
    const last = { ...meter.end(finished.outcome, timestamp()), ...context };
    return { calls: finished.answeredCalls, last };
  }

  return {
    framing: form.framing,
    lines(event) {
      const pieces = reader.push(event);
      if (pieces.length === 0) return NOTHING;
      meter.text();
      return toLines(pieces);
    },
    *end() {
      const end = reader.end();
      yield toLines(end.pieces);
      const { calls, last } = finish(end);
      yield [
        ...calls.map((call, index) => form.call({ ...call, index }, timestamp())),
        form.final(last),
      ];
    },
    read(event) {
      collected.pieces.push(...reader.push(event));
    },
    whole() {
      const end = reader.end();
      const { calls, last } = finish(end);
      return form.whole({ pieces: [...collected.pieces, ...end.pieces], calls }, last);
    },
    get isStopped() {
      return reader.isStopped;
    },
  };
}

const NOTHING: string[] = [];

/** @throws BridgeError `upstream_failed` for an answer that broke off, or a tool call that nobody can read */
function toFinished(end: ChatEnd, provider: string): FinishedAnswer {
  const { outcome, calls } = end;
  if (outcome.kind === "broken") throw broken(provider, outcome.reason);
  if (calls.kind === "broken") throw broken(provider, calls.reason);
  return { ...end, outcome, answeredCalls: calls.calls };
}

function broken(provider: string, reason: string): BridgeError {
  return new BridgeError("upstream_failed", `${provider}: ${reason}`);
}
