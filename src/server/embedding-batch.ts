import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";
import type { CallContext } from "../upstream/client.ts";
import { joined } from "../translate/vectors.ts";
import { refusedWishes, WISHES, type Wish } from "./embedding-wishes.ts";
import type { PreparedTarget } from "./inference.ts";
import { isRefusal } from "./refusal.ts";

export interface EmbeddingCall {
  inputs: string[];
  dimensions?: number | undefined;
  /** Whether an input that is too long may be cut. */
  truncate: boolean;
}

interface Batch {
  target: PreparedTarget;
  context: CallContext;
}

/**
 * One vector for each input, in order. A batch that is too much for the provider is split until it is found whether
 * it was the batch or one of its inputs.
 */
export async function embedBatch(call: EmbeddingCall, batch: Batch): Promise<openai.Embeddings> {
  try {
    return await send(call, { ...batch, wishes: wishesOf(call, batch.target) });
  } catch (error) {
    if (call.inputs.length > 1 && (isTooLong(error) || isTooMany(error))) {
      return await embedHalves(call, batch);
    }
    if (!isTooLong(error)) throw error;
    if (!call.truncate) throw tooLong(error);
    return await embedCut(call, batch);
  }
}

async function embedHalves(call: EmbeddingCall, batch: Batch): Promise<openai.Embeddings> {
  const { inputs } = call;
  const middle = Math.ceil(inputs.length / 2);
  const first = await embedBatch({ ...call, inputs: inputs.slice(0, middle) }, batch);
  const second = await embedBatch({ ...call, inputs: inputs.slice(middle) }, batch);
  return joined([first, second]);
}

/** So often an input is halved before it is given up. */
const MAX_HALVINGS = 6;

/** Ollama cuts what is too long at the model's last token. Without a tokenizer a length that fits is found by halving. */
async function embedCut(call: EmbeddingCall, batch: Batch): Promise<openai.Embeddings> {
  let [text = ""] = call.inputs;
  let failure: unknown;
  for (let halvings = 0; halvings < MAX_HALVINGS; halvings++) {
    text = text.slice(0, Math.floor(text.length / 2)).toWellFormed();
    const shorter = { ...call, inputs: [text] };
    try {
      return await send(shorter, { ...batch, wishes: wishesOf(call, batch.target) });
    } catch (error) {
      if (!isTooLong(error)) throw error;
      failure = error;
    }
  }
  throw tooLong(failure);
}

function tooLong(cause: unknown): BridgeError {
  return new BridgeError("invalid_request", "the input length exceeds the context length", {
    cause,
  });
}

/** What providers say to an input, or all of a batch, that has more tokens than they take. */
const TOO_LONG =
  /context[_ ](length|window|size)|too (long|large)|too many tokens|token (count|limit|size)|max(imum)?( allowed)?( \d+)? tokens|less than \d+ tokens|(input|sequence|prompt|maximum) length/i;

const TOO_MANY = /batch|too many|at most \d+|max(imum)? \d+/i;

const BUSY = /rate limit|per minute/i;

/** llama.cpp says it with 500, text-embeddings-inference with 413. */
function isTooLong(error: unknown): boolean {
  if (!(error instanceof BridgeError) || BUSY.test(error.message)) return false;
  const { upstreamStatus, message, code } = error;
  if (code === "context_overflow") return true;
  if (upstreamStatus === 413) return true;
  return (isRefusal(error) || upstreamStatus === 500) && TOO_LONG.test(message);
}

function isTooMany(error: unknown): boolean {
  return isRefusal(error) && error instanceof BridgeError && TOO_MANY.test(error.message);
}

function wishesOf({ dimensions = 0 }: EmbeddingCall, { dialect, habits }: PreparedTarget): Wish[] {
  const { dimensions: field, encodingFormat } = dialect.embeddings;
  const isMeant = {
    dimensions: dimensions > 0 && field !== "none",
    encoding_format: encodingFormat,
  };
  return WISHES.filter((wish) => isMeant[wish] && !habits.refusedWishes.has(wish));
}

/** Sends what the provider refuses of it again without that, and remembers it once that worked. */
async function send(
  call: EmbeddingCall,
  { wishes, ...batch }: Batch & { wishes: Wish[] },
): Promise<openai.Embeddings> {
  const { upstream, habits } = batch.target;
  try {
    return await upstream.embed(toRequest(call, { ...batch.target, wishes }), batch.context);
  } catch (error) {
    const refused = refusedWishes(error, wishes);
    if (refused.length === 0) throw error;
    const others = wishes.filter((wish) => !refused.includes(wish));
    const embeddings = await send(call, { ...batch, wishes: others });
    for (const wish of refused) habits.refusedWishes.add(wish);
    return embeddings;
  }
}

function toRequest(
  { inputs, dimensions }: EmbeddingCall,
  { modelId, dialect, wishes }: PreparedTarget & { wishes: Wish[] },
): openai.EmbeddingRequest {
  return {
    model: modelId,
    // Ollama embeds an empty text among others; OpenAI answers 400 to it. A space means as little.
    input: inputs.map((input) => (input === "" ? " " : input)),
    ...(wishes.includes("encoding_format") && { encoding_format: "float" as const }),
    ...(wishes.includes("dimensions") && { [dialect.embeddings.dimensions]: dimensions }),
  };
}
