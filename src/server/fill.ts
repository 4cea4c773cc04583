import { BridgeError } from "../base/errors.ts";
import type { Dialect, FimStrategy } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import { toProviderRequest, withoutFields, type ChatCall } from "../translate/chat-call.ts";
import { createChatReader } from "../translate/chat-stream.ts";
import { createHoleReader } from "../translate/fim-reader.ts";
import { DEFAULT_HOLE_TOKENS, toFimRequest, type FimRequest } from "../translate/fim-request.ts";
import { withoutSentinels, type Hole } from "../translate/fim-templates.ts";
import { ask } from "./ask.ts";
import type { Answering } from "./converse.ts";
import { createNativeWriter } from "./native-writer.ts";
import { isRefusal } from "./refusal.ts";

/**
 * Fills a hole in code in the best way that the provider has for the model. A way that it refuses is not
 * tried again; chat is always left.
 */
export async function answerHole(
  hole: Hole,
  call: ChatCall,
  answering: Answering,
): Promise<Response> {
  const { dialect, habits, modelId } = answering.target;
  const stops = withoutSentinels(call.sampling.stops, hole);
  const refused: FimStrategy[] = [];
  for (const strategy of dialect.fim) {
    if (habits.refusedStrategies.has(strategy)) continue;
    const filling = { ...answering, hole, call, stops, strategy };
    if (!toRequest(dialect, filling)) continue;
    try {
      const response = await fill(filling);
      // Only now it is clear that the way was refused, and not what the request said.
      for (const one of refused) habits.refusedStrategies.add(one);
      return response;
    } catch (error) {
      if (!isRefusal(error) || strategy === "chat") throw error;
      refused.push(strategy);
    }
  }
  throw new BridgeError("invalid_request", `"${modelId}" does not support insert`);
}

interface Filling extends Answering {
  hole: Hole;
  call: ChatCall;
  stops: string[];
  strategy: FimStrategy;
}

async function fill(filling: Filling): Promise<Response> {
  const { target, cache, hole, call, stops, strategy, ...options } = filling;
  const { exchange } = options;
  exchange.note({ hole: hole.template, strategy });
  return await ask(
    (dialect) => {
      const reader = createHoleReader(createChatReader({ hidesThinking: true }), hole, { stops });
      const writer = createNativeWriter({ ...options, reader, provider: target.upstream.id });
      return { ...toQuestion(dialect, filling), writer, stops };
    },
    { target, exchange, cache, stream: call.stream, isRepeatable: true },
  );
}

function toRequest(
  dialect: Dialect,
  { strategy, hole, call, stops, target }: Filling,
): FimRequest | undefined {
  const { temperature, top_p, seed, maxTokens } = call.sampling;
  return toFimRequest(strategy, hole, {
    modelId: target.modelId,
    stream: call.stream,
    stops: stops.slice(0, dialect.maxStops),
    maxTokens: maxTokens ?? DEFAULT_HOLE_TOKENS,
    temperature,
    topP: top_p,
    seed: dialect.seed === "none" ? undefined : seed,
  });
}

function toQuestion(dialect: Dialect, filling: Filling) {
  const request = toRequest(dialect, filling);
  if (request?.kind === "completion") {
    const sent = withUsage(request.request, dialect.streamOptions);
    return { ...request, request: withoutFields(sent, dialect.refuses) };
  }
  const messages = request?.messages ?? [];
  return { kind: "chat" as const, request: toChat(messages, { ...filling, dialect }) };
}

/** The prompt about the hole, in the provider's dialect, and without thinking: nobody waits for a completion. */
function toChat(
  messages: openai.ChatMessage[],
  { target, dialect, call, stops }: Filling & { dialect: Dialect },
): openai.ChatRequest {
  const { modelId, card } = target;
  const { sampling } = call;
  const asked: ChatCall = {
    ...call,
    messages,
    think: card?.capabilities.includes("thinking") ? false : undefined,
    sampling: { ...sampling, stops, maxTokens: sampling.maxTokens ?? DEFAULT_HOLE_TOKENS },
  };
  return toProviderRequest(asked, { model: modelId, dialect, recall: () => undefined }).request;
}

function withUsage<T extends { stream: boolean }>(request: T, isTaken: boolean): T {
  const isCompletion = "prompt" in request;
  return isCompletion && isTaken && request.stream
    ? { ...request, stream_options: { include_usage: true } }
    : request;
}
