import { BridgeError } from "../../base/errors.ts";
import * as ollama from "../../protocol/ollama.ts";
import { readBody } from "../body.ts";
import { embedAll, prepareEmbedding } from "../embedding.ts";
import type { Exchange } from "../exchange.ts";
import type { InferenceOptions } from "../inference.ts";
import { passThrough } from "../passed-through.ts";
import { json } from "../reply.ts";

/** `POST /api/embeddings`, the legacy route: one vector, as the provider made it. */
export async function embeddings(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.embeddingsRequest, {
    name: "EmbeddingRequest",
    maxBytes: options.maxBodyBytes,
  });
  const { model, prompt, keep_alive: keepAlive } = request;
  if (!model) throw new BridgeError("invalid_request", "model is required");
  const prepared = await prepareEmbedding(model, { ...options, exchange, keepAlive });
  return await prepared.answer(async (target) => {
    const passed = passThrough("/api/embeddings", request, { ...options, target, exchange });
    if (passed) return await passed;
    if (!prompt) return json({ embedding: [] });
    const { vectors } = await embedAll({ inputs: [prompt], truncate: true }, { target, exchange });
    return json({ embedding: vectors[0] });
  });
}
