import { BridgeError } from "../../base/errors.ts";
import * as ollama from "../../protocol/ollama.ts";
import { chatForm } from "../../translate/answer-form.ts";
import { toChatCall } from "../../translate/chat-request.ts";
import { answerChat } from "../converse.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { prepare, requireAbilities, type InferenceOptions } from "../inference.ts";

/** `POST /api/chat`. Without messages it loads the model, or unloads it with `keep_alive` 0. */
export async function chat(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.chatRequest, {
    name: "ChatRequest",
    maxBytes: options.maxBodyBytes,
  });
  if (!request.model) throw new BridgeError("invalid_request", "model is required");
  const form = chatForm(request.model);
  const target = await prepare(request.model, {
    ...options,
    exchange,
    keepAlive: request.keep_alive,
  });
  const call = toChatCall(request, target.preset);
  if (!request.messages?.length) return target.loadReply(form);
  requireAbilities(call, request.model, { target, route: "chat" });
  return await answerChat(call, { exchange, clock: options.clock, target, form });
}
