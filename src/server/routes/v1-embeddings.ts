import { BridgeError } from "../../base/errors.ts";
import type * as openai from "../../protocol/openai.ts";
import { v1EmbeddingsRequest } from "../../protocol/openai-requests.ts";
import { toBase64 } from "../../translate/vectors.ts";
import { readBody } from "../body.ts";
import { embedAll, prepareEmbedding, toInputs } from "../embedding.ts";
import type { Exchange } from "../exchange.ts";
import type { InferenceOptions } from "../inference.ts";
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
  const { input, dimensions } = request;
  const model = request.model ?? "";
  const isBase64 = asksForBase64(request.encoding_format ?? "");
  const inputs = input === "" ? [""] : toInputs(input);
  if (inputs.length === 0) throw new BridgeError("invalid_request", "invalid input");
  const prepared = await prepareEmbedding(model, { ...options, exchange });
  return await prepared.answer(async (target) => {
    const call = { inputs, dimensions: dimensions ?? undefined, truncate: true };
    return toList(await embedAll(call, { target, exchange }), { model, isBase64 });
  });
}

function toList(
  { vectors, promptTokens = 0 }: openai.Embeddings,
  { model, isBase64 }: { model: string; isBase64: boolean },
): Response {
  return json({
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      embedding: isBase64 ? toBase64(vector) : vector,
      index,
    })),
    model,
    // OpenAI's SDKs promise it to their callers, also where the provider counts nothing.
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}

function asksForBase64(format: string): boolean {
  const name = format.toLowerCase();
  if (["", "float", "base64"].includes(name)) return name === "base64";
  const message = `encoding_format ${JSON.stringify(format)} is not supported: use "float" or "base64"`;
  throw new BridgeError("invalid_request", message);
}
