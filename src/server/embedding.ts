import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";
import { joined, shortened } from "../translate/vectors.ts";
import { embedBatch, type EmbeddingCall } from "./embedding-batch.ts";
import type { Exchange } from "./exchange.ts";
import { prepare, type Prepared, type PreparedTarget, type Preparation } from "./inference.ts";

/** As many vectors of 4096 numbers in JSON as fit into the 64 MiB that are read of an answer. */
const MAX_INPUTS = 512;

/**
 * One vector for each input, in order: split into calls as large as the provider takes, one after the other.
 *
 * @throws BridgeError the provider's, or `invalid_request` for an input that is too long
 */
export async function embedAll(
  call: EmbeddingCall,
  { target, exchange }: { target: PreparedTarget; exchange: Exchange },
): Promise<openai.Embeddings> {
  exchange.note({ inputs: call.inputs.length });
  const size = Math.min(target.dialect.embeddings.maxBatch, MAX_INPUTS);
  const parts: openai.Embeddings[] = [];
  for (let start = 0; start < call.inputs.length; start += size) {
    const inputs = call.inputs.slice(start, start + size);
    parts.push(await embedBatch({ ...call, inputs }, { target, context: exchange }));
  }
  const { vectors, promptTokens } = joined(parts);
  exchange.measure({ promptTokens });
  return { vectors: vectors.map((vector) => shortened(vector, call.dimensions)), promptTokens };
}

/** @throws BridgeError `invalid_request` in Ollama's words */
export function toInputs(input: unknown): string[] {
  if (input === undefined || input === null || input === "") return [];
  const list: unknown[] = Array.isArray(input) ? input : [input];
  if (list.every((item) => typeof item === "string")) return list;
  throw new BridgeError("invalid_request", "invalid input type");
}

/**
 * The model to embed with. Where it is missing or unknown, Ollama says so in other words than for a chat.
 *
 * @throws BridgeError `model_not_found`
 */
export async function prepareEmbedding(model: string, options: Preparation): Promise<Prepared> {
  if (model === "") throw new BridgeError("model_not_found", "model '' not found");
  return await prepare(model, options).catch((error: unknown) => {
    if (!(error instanceof BridgeError) || error.code !== "model_not_found") throw error;
    const message = `model ${JSON.stringify(model)} not found, try pulling it first`;
    throw new BridgeError("model_not_found", message, { cause: error });
  });
}
