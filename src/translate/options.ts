import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";

type Sampling = Pick<
  openai.ChatRequest,
  | "temperature"
  | "top_p"
  | "max_tokens"
  | "stop"
  | "seed"
  | "presence_penalty"
  | "frequency_penalty"
>;

/**
 * The options that OpenAI's API knows, and of those only the ones the caller set. The rest is Ollama's
 * own (`num_ctx`, `top_k`, `mirostat`, ...): strict providers answer 400 to it.
 *
 * @throws BridgeError `invalid_option` in Ollama's words for a value of the wrong type
 */
export function toSampling(options: Record<string, unknown>): Sampling {
  const temperature = number(options, "temperature");
  const top_p = number(options, "top_p");
  const presence_penalty = number(options, "presence_penalty");
  const frequency_penalty = number(options, "frequency_penalty");
  const num_predict = integer(options, "num_predict");
  const seed = integer(options, "seed");
  const stop = strings(options, "stop");
  return {
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(presence_penalty !== undefined && { presence_penalty }),
    ...(frequency_penalty !== undefined && { frequency_penalty }),
    // -1 and -2 mean "no limit" and "fill the context" to Ollama; OpenAI says both by leaving the field out.
    ...(num_predict !== undefined && 0 < num_predict && { max_tokens: num_predict }),
    // -1 is Ollama's "random", which is what leaving the field out means.
    ...(seed !== undefined && seed !== -1 && { seed }),
    ...(stop !== undefined && stop.length > 0 && { stop }),
  };
}

function number(options: Record<string, unknown>, name: string): number | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  throw new BridgeError("invalid_option", `option "${name}" must be of type float32`);
}

/** Ollama takes floats for integers and cuts them. */
function integer(options: Record<string, unknown>, name: string): number | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return Math.trunc(value);
  throw new BridgeError("invalid_option", `option "${name}" must be of type integer`);
}

/** A single string counts too: Ollama's OpenAPI file allows it, and clients send it. */
function strings(options: Record<string, unknown>, name: string): string[] | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new BridgeError("invalid_option", `option "${name}" must be of type array`);
}
