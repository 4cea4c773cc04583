import { BridgeError } from "../../base/errors.ts";
import * as ollama from "../../protocol/ollama.ts";
import { generateForm } from "../../translate/answer-form.ts";
import { toOpenAIGenerate } from "../../translate/chat-request.ts";
import { answer } from "../answer.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { prepare, type InferenceOptions } from "../inference.ts";

/** `POST /api/generate`. Without a prompt it loads the model, or unloads it with `keep_alive` 0. */
export async function generate(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.generateRequest, {
    name: "GenerateRequest",
    maxBytes: options.maxBodyBytes,
  });
  // Ollama answers 404 here, where chat answers 400.
  if (!request.model) throw new BridgeError("model_not_found", "model '' not found");
  const form = generateForm(request.model);
  const target = await prepare(request.model, request, { ...options, exchange });
  if (!request.prompt) return target.loadReply(form);
  return await answer(toOpenAIGenerate(request, target.modelId), {
    exchange,
    target,
    form,
    clock: options.clock,
  });
}
