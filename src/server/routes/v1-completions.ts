import { BridgeError } from "../../base/errors.ts";
import { v1CompletionRequest } from "../../protocol/openai-requests.ts";
import { completionForm } from "../../translate/completion-form.ts";
import { findHole } from "../../translate/fim-templates.ts";
import { hashedId } from "../../translate/tool-ids.ts";
import { fromV1Completion } from "../../translate/v1-request.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { answerHole } from "../fill.ts";
import { prepare, type InferenceOptions } from "../inference.ts";
import { answerRaw } from "../raw.ts";

/** `POST /v1/completions`: a prompt without roles, with a hole in it or not. */
export async function v1Completions(
  exchange: Exchange,
  options: InferenceOptions,
): Promise<Response> {
  const request = await readBody(exchange.request, v1CompletionRequest, {
    name: "CompletionRequest",
    maxBytes: options.maxBodyBytes,
  });
  const { model, prompt, suffix } = request;
  if (!model) throw new BridgeError("invalid_request", "model is required");
  const prepared = await prepare(model, { ...options, exchange });
  const call = fromV1Completion(request, prepared.preset);
  const now = options.clock.wall();
  const form = completionForm({
    model,
    id: `cmpl-${hashedId(`${now}/${model}`)}`,
    created: Math.floor(now / 1000),
    includeUsage: request.stream_options?.include_usage === true,
  });
  const hole = findHole(prompt ?? "", suffix);
  return await prepared.answer(async (target) => {
    const answering = { ...options, exchange, target, form };
    if (hole) return await answerHole(hole, call, answering);
    return await answerRaw(prompt ?? "", call, answering);
  });
}
