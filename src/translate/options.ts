import { BridgeError } from "../base/errors.ts";
import type { Dialect, LocalOption } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";

/** How to sample, as the caller set it: what is absent is the provider's to choose. */
export interface Sampling extends Partial<Record<LocalOption, number>> {
  temperature?: number | undefined;
  top_p?: number | undefined;
  presence_penalty?: number | undefined;
  frequency_penalty?: number | undefined;
  seed?: number | undefined;
  /** Tokens of the answer. */
  maxTokens?: number | undefined;
  stops: string[];
}

/**
 * Ollama's `options`, and the same fields at the top level, where ollama-ai-provider-v2 and Cline put them.
 * What only loads a model (`num_ctx`, `num_gpu`, ...) is left out.
 *
 * @param defaults what a stored model or an alias says
 * @throws BridgeError `invalid_option` in Ollama's words for a value of the wrong type
 */
export function toSampling(
  options: Record<string, unknown>,
  topLevel: Record<string, unknown> = {},
  defaults: Record<string, unknown> = {},
): Sampling {
  const own = withoutNulls(options);
  const beside = pick(topLevel);
  const below = withoutNulls(defaults);
  const from = { ...below, ...beside, ...own };
  const limit = [own, beside, below].map(limitIn).find((one) => one !== undefined);
  const seed = integer(from, "seed");
  return {
    temperature: number(from, "temperature"),
    top_p: number(from, "top_p"),
    presence_penalty: number(from, "presence_penalty"),
    frequency_penalty: number(from, "frequency_penalty"),
    ...defined({
      top_k: integer(from, "top_k"),
      min_p: number(from, "min_p"),
      typical_p: number(from, "typical_p"),
      repeat_penalty: number(from, "repeat_penalty"),
      repeat_last_n: integer(from, "repeat_last_n"),
    }),
    // -1 and -2 mean "no limit" and "fill the context" to Ollama; OpenAI says both by leaving the field out.
    maxTokens: limit !== undefined && 0 < limit ? limit : undefined,
    // -1 is Ollama's "random", which is what leaving the field out means.
    seed: seed === -1 ? undefined : seed,
    stops: strings(from, "stop") ?? [],
  };
}

/** The bound of the answer's tokens has a name in each language. */
function limitIn(from: Record<string, unknown>): number | undefined {
  return (
    integer(from, "num_predict") ??
    integer(from, "max_output_tokens") ??
    integer(from, "max_tokens")
  );
}

/** The sampling fields that the provider takes, under its own names. */
export function toSamplingFields(
  sampling: Sampling,
  dialect: Dialect,
): Partial<openai.ChatRequest> {
  const { temperature, top_p, presence_penalty, frequency_penalty, seed, maxTokens } = sampling;
  const { min, max } = dialect.temperature;
  const common = Object.entries({
    temperature: temperature === undefined ? undefined : Math.min(max, Math.max(min, temperature)),
    top_p,
    presence_penalty,
    frequency_penalty,
  });
  const local = Object.entries(dialect.sampling).map(([name, theirs]): [string, unknown] => [
    theirs,
    sampling[name as LocalOption],
  ]);
  const sent = sampling.stops.slice(0, dialect.maxStops);
  return {
    ...(Object.fromEntries(
      [...common, ...local].filter(([, value]) => value !== undefined),
    ) as Partial<openai.ChatRequest>),
    ...(maxTokens !== undefined && { [dialect.maxTokens]: maxTokens }),
    ...(seed !== undefined && dialect.seed !== "none" && { [dialect.seed]: seed }),
    ...(sent.length > 0 && { stop: sent }),
  };
}

/** Whether the same request is meant to have the same answer. */
export function isRepeatable({ temperature, seed }: Sampling): boolean {
  return temperature === 0 || seed !== undefined;
}

/** The stop strings that the bridge must enforce: all of them, where the provider is not told all. */
export function ownStops({ stops }: Sampling, { maxStops }: Dialect): string[] {
  return stops.length > maxStops ? stops : [];
}

/** Every name under which a client may say how to sample. */
export const SAMPLING_FIELDS: readonly string[] = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "typical_p",
  "repeat_penalty",
  "repeat_last_n",
  "presence_penalty",
  "frequency_penalty",
  "seed",
  "stop",
  "num_predict",
  "max_tokens",
  "max_output_tokens",
];

function pick(from: Record<string, unknown>): Record<string, unknown> {
  return withoutNulls(Object.fromEntries(SAMPLING_FIELDS.map((name) => [name, from[name]])));
}

function withoutNulls(from: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(from).filter(([, value]) => value !== undefined && value !== null),
  );
}

function defined<T extends object>(from: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(from).filter(([, value]) => value !== undefined),
  ) as never;
}

function number(from: Record<string, unknown>, name: string): number | undefined {
  const value = from[name];
  if (value === undefined || typeof value === "number") return value;
  throw new BridgeError("invalid_option", `option "${name}" must be of type float32`);
}

/** Ollama takes floats for integers and cuts them. */
function integer(from: Record<string, unknown>, name: string): number | undefined {
  const value = from[name];
  if (value === undefined) return undefined;
  if (typeof value === "number") return Math.trunc(value);
  throw new BridgeError("invalid_option", `option "${name}" must be of type integer`);
}

/** A single string counts too: Ollama's OpenAPI file allows it, and clients send it. An empty one stops nothing. */
function strings(from: Record<string, unknown>, name: string): string[] | undefined {
  const value = from[name];
  if (value === undefined) return undefined;
  const list = typeof value === "string" ? [value] : value;
  if (Array.isArray(list) && list.every((item) => typeof item === "string")) {
    return list.filter((item) => item !== "");
  }
  throw new BridgeError("invalid_option", `option "${name}" must be of type array`);
}
