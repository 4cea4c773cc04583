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
import { prepare, requireAbilities, type InferenceOptions } from "../inference.ts";
import { answerRaw } from "../raw.ts";

/**
 * `POST /api/generate`. Without a prompt it loads the model, or unloads it with `keep_alive` 0. A hole in
 * code shows in the suffix or in the prompt's tokens; `raw` goes out without roles; the rest is a chat.
 */
export async function generate(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const { clock, log } = options;
  const request = await readBody(exchange.request, ollama.generateRequest, {
    name: "GenerateRequest",
    maxBytes: options.maxBodyBytes,
  });
  // Ollama answers 404 here, where chat answers 400.
  if (!request.model) throw new BridgeError("model_not_found", "model '' not found");
  const form = generateForm(request.model);
  const target = await prepare(request.model, {
    ...options,
    exchange,
    keepAlive: request.keep_alive,
  });
  const earlier = request.raw ? [] : recallTurns(request, options);
  const call = toGenerateCall(request, { preset: target.preset, earlier });
  if (!request.prompt && !request.suffix) return target.loadReply(form);
  if (request.template) log.debug("template ignored", { model: request.model });

  const answering = { exchange, clock, target, form };
  const hole = findHole(request.prompt ?? "", request.suffix);
  if (hole) return await answerHole(hole, call, answering);
  if (request.raw) return await answerRaw(request.prompt ?? "", call, answering);
  requireAbilities(call, request.model, { target, route: "generate" });
  return await answerChat(call, {
    ...answering,
    onFinished: ({ text }) => ({ context: toContext(nextTurns(request, { earlier, text })) }),
  });
}

function recallTurns({ context }: ollama.GenerateRequest, { log }: InferenceOptions): Turn[] {
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
