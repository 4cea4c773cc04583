import { withoutFields, type ChatCall } from "../translate/chat-call.ts";
import { createChatReader } from "../translate/chat-stream.ts";
import { isRepeatable, ownStops, toSamplingFields } from "../translate/options.ts";
import { ask } from "./ask.ts";
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
  { target, cache, ...options }: Answering,
): Promise<Response> {
  const { upstream, modelId: model } = target;
  const { sampling, stream } = call;
  const limited = { ...sampling, maxTokens: sampling.maxTokens ?? DEFAULT_TOKENS };
  return await ask(
    (dialect) => {
      const stops = ownStops(sampling, dialect);
      const request = {
        model,
        prompt,
        stream,
        ...(stream && dialect.streamOptions && { stream_options: INCLUDE_USAGE }),
        ...toSamplingFields(limited, { ...dialect, maxTokens: "max_tokens" }),
      };
      return {
        kind: "completion",
        route: "completions",
        request: withoutFields(request, dialect.refuses),
        writer: createNativeWriter({
          ...options,
          reader: createChatReader({ stops }),
          provider: upstream.id,
        }),
        stops,
      };
    },
    { ...options, target, cache, stream, isRepeatable: isRepeatable(sampling) },
  );
}

const INCLUDE_USAGE = { include_usage: true as const };
