import type { Clock } from "../base/clock.ts";
import type { AnswerForm } from "../translate/answer-form.ts";
import { toProviderRequest, type ChatCall } from "../translate/chat-call.ts";
import { createChatReader, type ChatEnd, type ChatReader } from "../translate/chat-stream.ts";
import { isAskedInWords } from "../translate/format.ts";
import { isRepeatable, ownStops } from "../translate/options.ts";
import type { AnsweredCall } from "../translate/tool-calls.ts";
import { keysOf } from "../translate/turn-key.ts";
import type { AnswerWriter } from "./answer.ts";
import type { AnswerCache } from "./answer-cache.ts";
import { ask } from "./ask.ts";
import type { Exchange } from "./exchange.ts";
import type { PreparedTarget } from "./inference.ts";
import { createNativeWriter, type NativeWriterOptions } from "./native-writer.ts";

/** Where a request goes, and how its answer is written. */
export interface Answering {
  exchange: Exchange;
  clock: Clock;
  cache: AnswerCache;
  target: PreparedTarget;
  form: AnswerForm;
}

/** The provider's answer to a chat, in the route's form. */
export async function answerChat(
  call: ChatCall,
  { target, cache, onFinished, ...options }: Answering & Pick<NativeWriterOptions, "onFinished">,
): Promise<Response> {
  const provider = target.upstream.id;
  const { exchange } = options;
  return await converse(call, { target, exchange, cache }, (reader, remember) =>
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
  cache: AnswerCache;
  /** See ChatReaderOptions. */
  keepsRefusals?: boolean;
}

/** Puts a chat to the provider: in its dialect, with the reasoning that it wants to see again. */
export async function converse(
  call: ChatCall,
  { target, exchange, cache, keepsRefusals = false }: ConverseOptions,
  createWriter: (reader: ChatReader, remember: Remember) => AnswerWriter,
): Promise<Response> {
  const { stream, sampling } = call;
  const recall = target.turnMemory.recallFor(memoryKey(target));
  return await ask(
    (dialect) => {
      const model = target.modelId;
      const { request, ownNames } = toProviderRequest(call, { model, dialect, recall });
      const reader = createReader(call, { ...target, dialect, keepsRefusals });
      const writer = createWriter(reader, (end, calls) => {
        remember({ end, calls, call }, { target, reader });
      });
      return { kind: "chat", request, writer, stops: ownStops(sampling, dialect), ownNames };
    },
    { target, exchange, cache, stream, isRepeatable: isRepeatable(sampling) },
  );
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
