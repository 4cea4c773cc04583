import { BridgeError } from "../../base/errors.ts";
import { v1EmbeddingsRequest } from "../../protocol/openai-requests.ts";
import { toBase64 } from "../../translate/vectors.ts";
import { readBody } from "../body.ts";
import { embedAll, toInputs } from "../embedding.ts";
import type { Exchange } from "../exchange.ts";
import { prepare, type InferenceOptions } from "../inference.ts";
import { json } from "../reply.ts";

/** `POST /v1/embeddings`. Lists of tokens are refused, as Ollama does: they mean nothing to another model's tokenizer. */
export async function v1Embeddings(
  exchange: Exchange,
  options: InferenceOptions,
): Promise<Response> {
  const request = await readBody(exchange.request, v1EmbeddingsRequest, {
    name: "EmbedRequest",
    maxBytes: options.maxBodyBytes,
  });
  const { model, input, dimensions } = request;
  if (!model) throw new BridgeError("invalid_request", "model is required");
  const inputs = input === "" ? [""] : toInputs(input);
  if (inputs.length === 0) throw new BridgeError("invalid_request", "invalid input");
  const isBase64 = request.encoding_format?.toLowerCase() === "base64";
  const target = await prepare(model, { ...options, exchange });
  const { vectors, promptTokens = 0 } = await embedAll(
    { inputs, dimensions: dimensions ?? undefined, truncate: true },
    { target, exchange },
  );
  return json({
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      embedding: isBase64 ? toBase64(vector) : vector,
      index,
    })),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}
