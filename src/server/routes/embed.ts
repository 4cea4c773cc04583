import * as ollama from "../../protocol/ollama.ts";
import { normalized } from "../../translate/vectors.ts";
import { readBody } from "../body.ts";
import { embedAll, prepareEmbedding, toInputs } from "../embedding.ts";
import type { Exchange } from "../exchange.ts";
import type { InferenceOptions } from "../inference.ts";
import { createMeter } from "../meter.ts";
import { passThrough } from "../passed-through.ts";
import { json } from "../reply.ts";

/** `POST /api/embed`: vectors of length 1, one for each input. Without an input it loads the model. */
export async function embed(exchange: Exchange, options: InferenceOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.embedRequest, {
    name: "EmbedRequest",
    maxBytes: options.maxBodyBytes,
  });
  const model = request.model ?? "";
  const inputs = toInputs(request.input);
  const { dimensions, truncate, keep_alive: keepAlive } = request;
  const prepared = await prepareEmbedding(model, { ...options, exchange, keepAlive });
  return await prepared.answer(async (target) => {
    const passed = passThrough("/api/embed", request, { ...options, target, exchange });
    if (passed) return await passed;
    if (inputs.length === 0) return json({ model, embeddings: [] });
    const meter = createMeter({ ...options, exchange });
    const { vectors, promptTokens = 0 } = await embedAll(
      { inputs, dimensions: dimensions ?? undefined, truncate: truncate !== false },
      { target, exchange },
    );
    const { total_duration, load_duration } = meter.durations();
    return json({
      model,
      embeddings: vectors.map(normalized),
      total_duration,
      load_duration,
      // Required by ollama-ai-provider-v2; Ollama itself leaves a 0 out.
      prompt_eval_count: promptTokens,
    });
  });
}
