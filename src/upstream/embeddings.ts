import * as z from "zod/mini";
import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";
import { reportsError } from "./error-body.ts";
import { failureFromEvent } from "./failure.ts";

export interface EmbeddingsOptions {
  /** The provider's id, in front of each message. */
  provider: string;
  /** How many vectors were asked for. */
  inputs: number;
  redact: (text: string) => string;
}

const count = z.catch(z.nullish(z.number()), undefined);

const answer = z.looseObject({
  data: z.array(
    z.looseObject({
      index: count,
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  usage: z.catch(
    z.nullish(z.looseObject({ prompt_tokens: count, total_tokens: count })),
    undefined,
  ),
});

/**
 * The body of `POST /embeddings`: vectors as numbers or as base64, in any order.
 *
 * @throws BridgeError `upstream_failed` when it is not exactly one vector for each input
 */
export function parseEmbeddings(text: string, options: EmbeddingsOptions): openai.Embeddings {
  const body = parse(text);
  if (typeof body === "object" && body !== null && reportsError(body)) {
    throw failureFromEvent(body, options);
  }
  const read = answer.safeParse(body);
  if (!read.success) throw unreadable(options, "the answer is no list of embeddings");
  const { data, usage } = read.data;
  const vectors = inOrder(data, options).map(({ embedding }) => toVector(embedding, options));
  return { vectors, promptTokens: usage?.prompt_tokens ?? usage?.total_tokens ?? undefined };
}

type Entry = z.output<typeof answer>["data"][number];

/** By `index`: the order of the list is not promised. A provider that leaves it out keeps the order. */
function inOrder(data: Entry[], options: EmbeddingsOptions): Entry[] {
  const { inputs } = options;
  if (data.length !== inputs) {
    throw unreadable(options, `${data.length} embeddings came for ${inputs} inputs`);
  }
  const sorted = new Map(data.map((entry, position) => [entry.index ?? position, entry]));
  return data.map((_, position) => {
    const entry = sorted.get(position);
    if (entry) return entry;
    throw unreadable(options, `no embedding came for input ${position}`);
  });
}

/**
 * Base64 holds little-endian floats of four bytes; Perplexity's holds signed bytes. Both are told apart by what
 * the bytes would mean: floats of an embedding lie between -1 and 1, and those of random bytes do not.
 */
function toVector(embedding: number[] | string, options: EmbeddingsOptions): number[] {
  const vector = typeof embedding === "string" ? fromBase64(embedding) : embedding;
  if (vector.length === 0) throw unreadable(options, "an embedding is empty");
  if (vector.every((value) => Number.isFinite(value))) return vector;
  throw unreadable(options, "an embedding holds a value that is no number");
}

const MAX_BYTE = 127;

/** Larger ones occur in no embedding: even vectors that are not normalised stay far below. */
const MAX_FLOAT = 1e6;

function fromBase64(text: string): number[] {
  const bytes = Buffer.from(text, "base64");
  const floats =
    bytes.length % 4 === 0
      ? Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
      : [];
  const areFloats = floats.every(
    (value) => Number.isFinite(value) && Math.abs(value) < MAX_FLOAT && !isTiny(value),
  );
  if (floats.length > 0 && areFloats) return floats;
  return Array.from(bytes, (_, index) => bytes.readInt8(index) / MAX_BYTE);
}

/** Random bytes read as floats have all exponents; those of embeddings are never this small, but for 0. */
function isTiny(value: number): boolean {
  return value !== 0 && Math.abs(value) < 1e-20;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable({ provider, redact }: EmbeddingsOptions, reason: string): BridgeError {
  return new BridgeError("upstream_failed", `${provider}: ${redact(reason)}.`);
}
