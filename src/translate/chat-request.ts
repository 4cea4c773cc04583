import type * as ollama from "../protocol/ollama.ts";
import type * as openai from "../protocol/openai.ts";
import { BridgeError } from "../base/errors.ts";
import { toResponseFormat } from "./format.ts";
import { toSampling } from "./options.ts";

/**
 * A native chat request in OpenAI's words. Nothing is sent that the caller did not set.
 *
 * @throws BridgeError `invalid_request` for what text-only translation would have to drop
 */
export function toOpenAIChat(request: ollama.ChatRequest, model: string): openai.ChatRequest {
  if (request.tools?.length) refuse("tools");
  return {
    ...toOpenAICall(request, model),
    messages: (request.messages ?? []).map(toOpenAIMessage),
  };
}

/** Ollama has no messages here: the system prompt and the prompt are the conversation. */
export function toOpenAIGenerate(
  request: ollama.GenerateRequest,
  model: string,
): openai.ChatRequest {
  if (request.images?.length) refuse("images");
  if (request.suffix) refuse("insert");
  return {
    ...toOpenAICall(request, model),
    messages: [
      ...(request.system ? [{ role: "system", content: request.system }] : []),
      { role: "user", content: request.prompt ?? "" },
    ],
  };
}

type Inference = Pick<ollama.ChatRequest, "stream" | "format" | "options">;

function toOpenAICall(request: Inference, model: string): Omit<openai.ChatRequest, "messages"> {
  const response_format = toResponseFormat(request.format);
  // Ollama streams unless told not to; OpenAI the other way round.
  const stream = request.stream !== false;
  return {
    model,
    stream,
    ...(stream && { stream_options: { include_usage: true } }),
    ...(response_format && { response_format }),
    ...toSampling(request.options ?? {}),
  };
}

function toOpenAIMessage(message: ollama.Message): openai.ChatMessage {
  if (message.images?.length) refuse("images");
  if (message.tool_calls?.length) refuse("tools");
  return { role: (message.role ?? "user").toLowerCase(), content: message.content ?? "" };
}

function refuse(feature: string): never {
  throw new BridgeError(
    "invalid_request",
    `this model does not support ${feature}: the bridge serves text only so far`,
  );
}
