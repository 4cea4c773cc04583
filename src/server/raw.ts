import type { ChatCall } from "../translate/chat-call.ts";
import { createChatReader } from "../translate/chat-stream.ts";
import { ownStops, toSamplingFields } from "../translate/options.ts";
import { answer } from "./answer.ts";
import { answerChat, type Answering } from "./converse.ts";
import { createNativeWriter } from "./native-writer.ts";
import { isRefusal } from "./refusal.ts";

/** vLLM stops after 16 tokens of a completion unless told otherwise. */
const DEFAULT_TOKENS = 4096;

/** A prompt without roles: to `/completions` where the provider has it, else as one message of the user's. */
export async function answerRaw(
  prompt: string,
  call: ChatCall,
  answering: Answering,
): Promise<Response> {
  const { dialect, habits } = answering.target;
  if (dialect.completions === false || habits.refusesRaw) return await answerChat(call, answering);
  try {
    return await complete(prompt, call, answering);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const response = await answerChat(call, answering);
    habits.refusesRaw = true;
    return response;
  }
}

async function complete(
  prompt: string,
  call: ChatCall,
  { target, ...options }: Answering,
): Promise<Response> {
  const { dialect, upstream, modelId } = target;
  const { sampling, stream } = call;
  const maxTokens = sampling.maxTokens ?? DEFAULT_TOKENS;
  const reader = createChatReader({ stops: ownStops(sampling, dialect) });
  const writer = createNativeWriter({ ...options, reader, provider: upstream.id });
  const request = {
    model: modelId,
    prompt,
    stream,
    ...(stream && dialect.streamOptions && { stream_options: { include_usage: true as const } }),
    ...toSamplingFields({ ...sampling, maxTokens }, { ...dialect, maxTokens: "max_tokens" }),
  };
  const events = await upstream.complete("completions", request, options.exchange.signal);
  return await answer({ events, writer }, { exchange: options.exchange, stream });
}
