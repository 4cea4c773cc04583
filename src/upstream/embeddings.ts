import * as z from "zod/mini";
import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";
import { messageIn, reportsError } from "./error-body.ts";
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
      index: z.nullish(z.number()),
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
  if (text.trimStart().startsWith("<")) throw unreadable(options, messageIn(text));
  const read = answer.safeParse(body);
  if (!read.success) throw unreadable(options, "the answer is no list of embeddings.");
  const { data, usage } = read.data;
  const vectors = inOrder(data, options).map(({ embedding }) => toVector(embedding, options));
  return { vectors, promptTokens: usage?.prompt_tokens ?? usage?.total_tokens ?? undefined };
}

type Entry = z.output<typeof answer>["data"][number];

/** By `index`: the order of the list is not promised. A provider that leaves it out keeps the order. */
function inOrder(data: Entry[], options: EmbeddingsOptions): Entry[] {
  const { inputs } = options;
  if (data.length !== inputs) {
    throw unreadable(options, `${data.length} embeddings came for ${inputs} inputs.`);
  }
  const sorted = new Map(data.map((entry, position) => [entry.index ?? position, entry]));
  return data.map((_, position) => {
    const entry = sorted.get(position);
    if (entry) return entry;
    throw unreadable(options, `no embedding came for input ${position}.`);
  });
}

function toVector(embedding: number[] | string, options: EmbeddingsOptions): number[] {
  const vector = typeof embedding === "string" ? fromBase64(embedding) : embedding;
  if (vector.length === 0) throw unreadable(options, "an embedding is empty or no base64.");
  if (vector.every((value) => Number.isFinite(value))) return vector;
  throw unreadable(options, "an embedding holds a value that is no number.");
}

const MAX_BYTE = 127;

/**
 * Base64 holds little-endian floats of four bytes; Perplexity's holds signed bytes, and nothing in the answer tells
 * which. Bytes read as floats have all exponents, so that few of them could be an embedding's.
 */
function fromBase64(text: string): number[] {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return [];
  const bytes = Buffer.from(text, "base64");
  if (bytes.length % 4 === 0) {
    const floats = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    if (floats.filter(isPlausible).length > 0.9 * floats.length) return floats;
  }
  return Array.from(bytes, (_, at) => bytes.readInt8(at) / MAX_BYTE);
}

/** Also what is no number: a server whose model overflows sends a whole vector of it, which must not pass as bytes. */
function isPlausible(value: number): boolean {
  const size = Math.abs(value);
  return !Number.isFinite(value) || size === 0 || (1e-20 < size && size < 1e6);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable({ provider, redact }: EmbeddingsOptions, reason: string): BridgeError {
  return new BridgeError("upstream_failed", `${provider}: ${redact(reason)}`);
}
