import { BridgeError } from "../../base/errors.ts";
import * as ollama from "../../protocol/ollama.ts";
import { generateForm } from "../../translate/answer-form.ts";
import { toGenerateCall } from "../../translate/chat-request.ts";
import { fromContext, toContext, type Turn } from "../../translate/conversation.ts";
import { findHole } from "../../translate/fim-templates.ts";
import { readBody } from "../body.ts";
import { answerChat } from "../converse.ts";
import type { Exchange } from "../exchange.ts";
import { answerHole } from "../fill.ts";
import { passThrough } from "../passed-through.ts";
import { prepare, requireAbilities, type InferenceOptions } from "../inference.ts";
import { answerRaw } from "../raw.ts";

/**
 * `POST /api/generate`. Without a prompt it loads the model, or unloads it with `keep_alive` 0. A hole in
 * code shows in the suffix or in the prompt's tokens; `raw` goes out without roles; the rest is a chat.
 */
export async function generate(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.generateRequest, {
    name: "GenerateRequest",
    maxBytes: options.maxBodyBytes,
  });
  // Ollama answers 404 here, where chat answers 400.
  if (!request.model) throw new BridgeError("model_not_found", "model '' not found");
  const form = generateForm(request.model);
  const { model, prompt = "" } = request;
  const prepared = await prepare(model, { ...options, exchange, keepAlive: request.keep_alive });
  const isOllamas = prepared.targets.every(({ upstream }) => upstream.native);
  const earlier = request.raw || isOllamas ? [] : recallTurns(request, exchange);
  const call = toGenerateCall(request, { preset: prepared.preset, earlier });
  const hole = findHole(prompt ?? "", request.suffix);
  return await prepared.answer(async (target) => {
    const passed = passThrough("/api/generate", request, { ...options, target, exchange });
    if (passed) return await passed;
    if (!prompt && !request.suffix) return prepared.loadReply(form);
    if (request.template) exchange.log.debug("template ignored", { model });
    const answering = { ...options, exchange, target, form };
    if (hole) return await answerHole(hole, call, answering);
    if (request.raw) return await answerRaw(prompt ?? "", call, answering);
    requireAbilities(call, model, { target, route: "generate" });
    return await answerChat(call, {
      ...answering,
      onFinished: ({ text }) => ({ context: toContext(nextTurns(request, { earlier, text })) }),
    });
  });
}

function recallTurns({ context }: ollama.GenerateRequest, { log }: Exchange): Turn[] {
  if (!context?.length) return [];
  const turns = fromContext(context);
  if (!turns) log.info("context ignored: it is not this bridge's", { integers: context.length });
  return turns ?? [];
}

/** The conversation so far and what was just said, for the next request's `context`. */
function nextTurns(
  { system, prompt }: ollama.GenerateRequest,
  { earlier, text }: { earlier: Turn[]; text: string },
): Turn[] {
  const instructed = earlier.filter(({ role }) => role === "system");
  const said = earlier.filter(({ role }) => role !== "system");
  return [
    ...(system ? [{ role: "system" as const, content: system }] : instructed),
    ...said,
    { role: "user", content: prompt ?? "" },
    { role: "assistant", content: text },
  ];
}
