import type { Clock } from "../base/clock.ts";
import type { AnswerForm } from "../translate/answer-form.ts";
import { toProviderRequest, type ChatCall } from "../translate/chat-call.ts";
import { createChatReader, type ChatEnd, type ChatReader } from "../translate/chat-stream.ts";
import { isAskedInWords } from "../translate/format.ts";
import { ownStops } from "../translate/options.ts";
import type { AnsweredCall } from "../translate/tool-calls.ts";
import { keysOf } from "../translate/turn-key.ts";
import { answer, type AnswerWriter } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import type { PreparedTarget } from "./inference.ts";
import { createNativeWriter, type NativeWriterOptions } from "./native-writer.ts";

/** Where a request goes, and how its answer is written. */
export interface Answering {
  exchange: Exchange;
  clock: Clock;
  target: PreparedTarget;
  form: AnswerForm;
}

/** The provider's answer to a chat, in the route's form. */
export async function answerChat(
  call: ChatCall,
  { target, onFinished, ...options }: Answering & Pick<NativeWriterOptions, "onFinished">,
): Promise<Response> {
  const provider = target.upstream.id;
  return await converse(call, { target, exchange: options.exchange }, (reader, remember) =>
    createNativeWriter({
      ...options,
      reader,
      provider,
      onFinished(end) {
        remember(end, end.answeredCalls);
        return onFinished?.(end) ?? {};
      },
    }),
  );
}

/** Keeps the reasoning of a finished answer, where the provider wants it back, and how the answer began. */
export type Remember = (end: ChatEnd, calls: AnsweredCall[]) => void;

export interface ConverseOptions {
  target: PreparedTarget;
  exchange: Exchange;
  /** See ChatReaderOptions. */
  keepsRefusals?: boolean;
}

/** Puts a chat to the provider: in its dialect, with the reasoning that it wants to see again. */
export async function converse(
  call: ChatCall,
  { target, exchange, keepsRefusals = false }: ConverseOptions,
  createWriter: (reader: ChatReader, remember: Remember) => AnswerWriter,
): Promise<Response> {
  const { upstream, modelId, dialect, turnMemory } = target;
  const request = toProviderRequest(call, {
    model: modelId,
    dialect,
    recall: turnMemory.recallFor(memoryKey(target)),
  });
  const reader = createReader(call, { ...target, keepsRefusals });
  const writer = createWriter(reader, (end, calls) => {
    remember({ end, calls, call }, { target, reader });
  });
  const events = await upstream.chat(request, exchange.signal);
  return await answer({ events, writer }, { exchange, stream: call.stream });
}

function createReader(
  call: ChatCall,
  { dialect, habits, keepsRefusals }: PreparedTarget & { keepsRefusals: boolean },
): ChatReader {
  const last = call.messages.at(-1);
  return createChatReader({
    seed: `${call.messages.length}/${JSON.stringify(last?.content ?? "")}`,
    hidesThinking: call.think === false,
    beginning: habits.beginning,
    isStructured: call.format !== undefined,
    isAskedInWords: isAskedInWords(call.format, dialect.structured),
    prefill: last?.role === "assistant" && typeof last.content === "string" ? last.content : "",
    stops: ownStops(call.sampling, dialect),
    topLogprobs: call.topLogprobs,
    keepsRefusals,
  });
}

function remember(
  { end, calls, call }: { end: ChatEnd; calls: AnsweredCall[]; call: ChatCall },
  { target, reader }: { target: PreparedTarget; reader: ChatReader },
): void {
  const { habits, dialect, turnMemory } = target;
  if (reader.closedSilently) habits.beginning = "thinking";
  else if (reader.neverClosed) habits.beginning = "either";
  const { text, thinking, details } = end;
  const signatures = calls.map(({ extraContent }) => extraContent);
  const isSigned = details.length > 0 || signatures.some((signature) => signature !== undefined);
  if (dialect.replay.form === "none" || !(isSigned || thinking !== "")) return;
  const keys = keysOf({ text, calls, before: call.messages.at(-1) });
  turnMemory.remember(memoryKey(target), keys, { reasoning: thinking, details, signatures });
}

function memoryKey({ upstream, modelId }: PreparedTarget): string {
  return `${upstream.id} ${modelId}`;
}
