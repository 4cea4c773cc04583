import { BridgeError } from "../../base/errors.ts";
import * as ollama from "../../protocol/ollama.ts";
import { chatForm } from "../../translate/answer-form.ts";
import { toOpenAIChat } from "../../translate/chat-request.ts";
import { answer } from "../answer.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { prepare, type InferenceOptions } from "../inference.ts";

/** `POST /api/chat`. Without messages it loads the model, or unloads it with `keep_alive` 0. */
export async function chat(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.chatRequest, {
    name: "ChatRequest",
    maxBytes: options.maxBodyBytes,
  });
  if (!request.model) throw new BridgeError("invalid_request", "model is required");
  const form = chatForm(request.model);
  const target = await prepare(request.model, request, { ...options, exchange });
  if (!request.messages?.length) return target.loadReply(form);
  return await answer(toOpenAIChat(request, target.modelId), {
    exchange,
    target,
    form,
    clock: options.clock,
  });
}
