import { BridgeError } from "../../base/errors.ts";
import * as ollama from "../../protocol/ollama.ts";
import { chatForm } from "../../translate/answer-form.ts";
import { toChatCall } from "../../translate/chat-request.ts";
import { answerChat } from "../converse.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { passThrough } from "../passed-through.ts";
import { prepare, requireAbilities, type InferenceOptions } from "../inference.ts";

/** `POST /api/chat`. Without messages it loads the model, or unloads it with `keep_alive` 0. */
export async function chat(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.chatRequest, {
    name: "ChatRequest",
    maxBytes: options.maxBodyBytes,
  });
  if (!request.model) throw new BridgeError("invalid_request", "model is required");
  const form = chatForm(request.model);
  const { model } = request;
  const prepared = await prepare(model, { ...options, exchange, keepAlive: request.keep_alive });
  const call = toChatCall(request, prepared.preset);
  return await prepared.answer(async (target) => {
    const passed = passThrough("/api/chat", request, { ...options, target, exchange });
    if (passed) return await passed;
    if (!request.messages?.length) return prepared.loadReply(form);
    requireAbilities(call, model, { target, route: "chat" });
    return await answerChat(call, { ...options, exchange, target, form });
  });
}
