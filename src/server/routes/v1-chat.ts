import { BridgeError } from "../../base/errors.ts";
import { v1ChatRequest } from "../../protocol/openai-requests.ts";
import { hashedId } from "../../translate/tool-ids.ts";
import { fromV1Chat } from "../../translate/v1-request.ts";
import { readBody } from "../body.ts";
import { converse } from "../converse.ts";
import type { Exchange } from "../exchange.ts";
import { createMeter } from "../meter.ts";
import { prepare, requireAbilities, type InferenceOptions } from "../inference.ts";
import { createV1Writer } from "../v1-writer.ts";

/** `POST /v1/chat/completions`. Not streamed unless it is asked for, unlike the native routes. */
export async function v1Chat(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, v1ChatRequest, {
    name: "ChatCompletionRequest",
    maxBytes: options.maxBodyBytes,
  });
  const { model } = request;
  if (!model) throw new BridgeError("invalid_request", "model is required");
  const prepared = await prepare(model, { ...options, exchange });
  const call = fromV1Chat(request, prepared.preset);
  const now = options.clock.wall();
  return await prepared.answer(async (target) => {
    requireAbilities(call, model, { target, route: "chat" });
    const asking = { ...options, target, exchange, keepsRefusals: true };
    return await converse(call, asking, (reader, remember) =>
      createV1Writer({
        model,
        reader,
        remember,
        provider: target.upstream.id,
        id: `chatcmpl-${hashedId(`${now}/${model}`)}`,
        created: Math.floor(now / 1000),
        includeUsage: request.stream_options?.include_usage === true,
        meter: createMeter({ ...options, exchange }),
      }),
    );
  });
}
