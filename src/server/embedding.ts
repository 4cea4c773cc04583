import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";
import { shortened } from "../translate/vectors.ts";
import type { Exchange } from "./exchange.ts";
import { prepare, type PreparedTarget, type Preparation } from "./inference.ts";

export interface EmbeddingCall {
  inputs: string[];
  dimensions?: number | undefined;
  /** Whether an input that is too long may be cut. */
  truncate: boolean;
}

export interface EmbeddingsResult {
  vectors: number[][];
  /** The sum over all calls; absent when one of them did not tell. */
  promptTokens: number | undefined;
}

/**
 * One vector for each input, in order: split into calls as large as the provider takes, one after the other.
 *
 * @throws BridgeError the provider's, or `invalid_request` for an input that is too long
 */
export async function embedAll(
  call: EmbeddingCall,
  { target, exchange }: { target: PreparedTarget; exchange: Exchange },
): Promise<EmbeddingsResult> {
  const { maxBatch } = target.dialect.embeddings;
  const results: openai.Embeddings[] = [];
  for (let start = 0; start < call.inputs.length; start += maxBatch) {
    const inputs = call.inputs.slice(start, start + maxBatch);
    results.push(await embedBatch({ ...call, inputs }, { target, signal: exchange.signal }));
  }
  const tokens = results.map(({ promptTokens }) => promptTokens);
  const promptTokens = tokens.every((count) => count !== undefined)
    ? tokens.reduce((sum, count) => sum + count, 0)
    : undefined;
  exchange.note({ inputs: call.inputs.length, promptTokens });
  const vectors = results.flatMap((result) => result.vectors);
  return { vectors: vectors.map((vector) => shortened(vector, call.dimensions)), promptTokens };
}

interface Batch {
  target: PreparedTarget;
  signal: AbortSignal;
}

async function embedBatch(call: EmbeddingCall, batch: Batch): Promise<openai.Embeddings> {
  try {
    return await send(call, batch);
  } catch (error) {
    const { habits } = batch.target;
    if (call.dimensions !== undefined && !habits.refusesDimensions && mentions(error, DIMENSIONS)) {
      habits.refusesDimensions = true;
      return await embedBatch(call, batch);
    }
    if (mentions(error, TOO_LONG)) return await embedShorter(call, batch);
    throw error;
  }
}

const DIMENSIONS = /dimension|matryoshka|extra_forbidden|unknown (field|name)/i;

/** What providers say to an input that exceeds their model's context. */
const TOO_LONG =
  /context[_ ]length|context window|maximum (input|context|sequence)|max(imum)? tokens|input is too (long|large)|too many tokens|token limit/i;

function mentions(error: unknown, words: RegExp): boolean {
  return (
    error instanceof BridgeError &&
    (error.code === "upstream_rejected" || error.code === "upstream_too_large") &&
    words.test(error.message)
  );
}

function send(
  { inputs, dimensions }: EmbeddingCall,
  { target, signal }: Batch,
): Promise<openai.Embeddings> {
  const { upstream, modelId, dialect, habits } = target;
  const { dimensions: field, encodingFormat } = dialect.embeddings;
  const isAsked = dimensions !== undefined && dimensions > 0 && field !== "none";
  return upstream.embed(
    {
      model: modelId,
      // OpenAI answers 400 to an empty text; a space means as little.
      input: inputs.map((input) => (input === "" ? " " : input)),
      ...(encodingFormat && { encoding_format: "float" as const }),
      ...(isAsked && !habits.refusesDimensions && { [field]: dimensions }),
    },
    signal,
  );
}

/** So often an input is halved before it is given up. */
const MAX_HALVINGS = 6;

/**
 * Ollama cuts what is too long at the model's last token. Without a tokenizer it is found by halving: each input
 * alone, and only those that are too long.
 */
async function embedShorter(call: EmbeddingCall, batch: Batch): Promise<openai.Embeddings> {
  if (!call.truncate) throw tooLong();
  const results: openai.Embeddings[] = [];
  for (const input of call.inputs)
    results.push(await embedCut({ ...call, inputs: [input] }, batch));
  const tokens = results.map(({ promptTokens }) => promptTokens ?? 0);
  return {
    vectors: results.flatMap(({ vectors }) => vectors),
    promptTokens: tokens.reduce((sum, count) => sum + count, 0),
  };
}

async function embedCut(call: EmbeddingCall, batch: Batch): Promise<openai.Embeddings> {
  let text = call.inputs[0] ?? "";
  for (let halvings = 0; halvings <= MAX_HALVINGS; halvings++) {
    try {
      return await send({ ...call, inputs: [text] }, batch);
    } catch (error) {
      if (!mentions(error, TOO_LONG)) throw error;
      text = text.slice(0, Math.floor(text.length / 2)).toWellFormed();
    }
  }
  throw tooLong();
}

function tooLong(): BridgeError {
  return new BridgeError("invalid_request", "the input length exceeds the context length");
}

/** @throws BridgeError `invalid_request` in Ollama's words */
export function toInputs(input: unknown): string[] {
  if (input === undefined || input === null || input === "") return [];
  const list: unknown[] = Array.isArray(input) ? input : [input];
  if (list.every((item) => typeof item === "string")) return list;
  throw new BridgeError("invalid_request", "invalid input type");
}

/** Ollama's text for an unknown model is another one here. */
export async function prepareEmbedding(
  model: string,
  options: Preparation,
): Promise<PreparedTarget> {
  return await prepare(model, options).catch((error: unknown) => {
    if (!(error instanceof BridgeError) || error.code !== "model_not_found") throw error;
    const message = `model ${JSON.stringify(model)} not found, try pulling it first`;
    throw new BridgeError("model_not_found", message, { cause: error });
  });
}
