import { BridgeError } from "../base/errors.ts";
import type * as ollama from "../protocol/ollama.ts";
import type * as openai from "../protocol/openai.ts";
import type { ChatCall } from "./chat-call.ts";
import type { Turn } from "./conversation.ts";
import { toResponseFormat } from "./format.ts";
import { toContent, toOpenAIMessage } from "./messages.ts";
import { toImageUrl } from "./images.ts";
import { toSampling } from "./options.ts";
import { toThink } from "./think.ts";

/** What a stored model adds to each request. */
export interface Preset {
  system?: string | undefined;
  parameters?: Record<string, unknown> | undefined;
  messages?: ollama.Message[] | undefined;
  /** Where the request does not say it. */
  think?: boolean | string | undefined;
}

/**
 * A native chat request, translated but for the provider's dialect.
 *
 * @throws BridgeError `invalid_request` or `invalid_option` in Ollama's words
 */
export function toChatCall(request: ollama.ChatRequest, preset: Preset = {}): ChatCall {
  const messages = (request.messages ?? []).map(toOpenAIMessage);
  const hasSystem = messages[0]?.role === "system";
  return {
    ...toCommonCall(request, preset),
    messages: [
      ...(hasSystem ? [] : systemMessage(preset.system)),
      ...(preset.messages ?? []).map(toOpenAIMessage),
      ...messages,
    ],
    tools: request.tools ?? [],
    toolChoice: request.tool_choice ?? undefined,
  };
}

/**
 * Ollama has no messages here: the system prompt, the conversation of `context` and the prompt are the chat.
 *
 * @param earlier the turns that `context` carried
 */
export function toGenerateCall(
  request: ollama.GenerateRequest,
  { preset = {}, earlier = [] }: { preset?: Preset | undefined; earlier?: Turn[] } = {},
): ChatCall {
  const system = request.system || earlier.find(({ role }) => role === "system")?.content;
  return {
    ...toCommonCall(request, preset),
    messages: [
      ...systemMessage(system || preset.system),
      ...earlier.filter(({ role }) => role !== "system"),
      {
        role: "user",
        content: toContent(request.prompt ?? "", (request.images ?? []).map(toImageUrl)),
      },
    ],
    tools: [],
    toolChoice: undefined,
  };
}

type CommonRequest = Pick<
  ollama.ChatRequest,
  "stream" | "format" | "options" | "think" | "logprobs" | "top_logprobs"
>;

function toCommonCall(
  request: CommonRequest,
  preset: Preset,
): Omit<ChatCall, "messages" | "tools" | "toolChoice"> {
  return {
    // Ollama streams unless told not to; OpenAI the other way round.
    stream: request.stream !== false,
    format: toResponseFormat(request.format),
    sampling: toSampling(request.options ?? {}, request, preset.parameters),
    think: toThink(request.think ?? preset.think),
    topLogprobs: toTopLogprobs(request),
    others: {},
  };
}

function toTopLogprobs({ logprobs, top_logprobs }: CommonRequest): number | undefined {
  const top = top_logprobs ?? 0;
  if (top < 0 || 20 < top) {
    throw new BridgeError("invalid_request", "top_logprobs must be between 0 and 20");
  }
  return logprobs ? top : undefined;
}

/** The system prompt, if there is one. */
export function systemMessage(content: string | undefined): openai.ChatMessage[] {
  return content ? [{ role: "system", content }] : [];
}
