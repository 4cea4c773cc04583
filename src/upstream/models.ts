import * as z from "zod/mini";
import type * as openai from "../protocol/openai.ts";
import { BridgeError } from "../base/errors.ts";

/** Usually `{data:[…]}`; Together answers a bare array, LM Studio's own list is `{models:[…]}`. */
const envelope = z.union([
  z.array(z.unknown()),
  z.looseObject({ data: z.array(z.unknown()) }),
  z.looseObject({ models: z.array(z.unknown()) }),
]);

/**
 * The body of `GET /models`. Entries without an id are left out, and repeated ids: Mistral lists a model
 * under each of its aliases, sometimes twice.
 *
 * @throws BridgeError `upstream_failed` when it is not a list
 */
export function parseModels(text: string, provider: string): openai.Model[] {
  const list = envelope.safeParse(parseJson(text));
  if (!list.success) {
    throw new BridgeError(
      "upstream_failed",
      `${provider}: the answer to /models is not a model list. Check the base URL.`,
    );
  }
  const models = new Map<string, openai.Model>();
  for (const entry of entriesOf(list.data)) {
    const model = toModel(entry);
    if (model && !models.has(model.id)) models.set(model.id, model);
  }
  return [...models.values()];
}

function entriesOf(list: z.output<typeof envelope>): unknown[] {
  if (Array.isArray(list)) return list;
  return ("data" in list ? list.data : list.models) as unknown[];
}

type Entry = Record<string, unknown>;

/** Each vendor publishes other fields; where there are several, the first that says something counts. */
function toModel(value: unknown): openai.Model | undefined {
  const given = recordIn(value);
  // LiteLLM puts what it knows one level down.
  const entry: Entry = { ...recordIn(given["model_info"]), id: undefined, ...given };
  const id = ID_FIELDS.map((field) => textIn(entry[field])).find((one) => one !== undefined);
  if (id === undefined) return undefined;
  const capabilities = recordIn(entry["capabilities"]);
  const architecture = recordIn(entry["architecture"]);
  const meta = recordIn(entry["meta"]);
  const parameters = listIn(entry["supported_parameters"]);
  const features = listIn(entry["supported_features"]);
  const inputs = listIn(architecture["input_modalities"]);
  return {
    id,
    created: positive(entry["created"]),
    owned_by: textIn(entry["owned_by"]),
    displayName: textIn(entry["display_name"]) ?? textIn(entry["name"]),
    contextLength: contextOf(entry, meta),
    maxOutput:
      positive(recordIn(entry["top_provider"])["max_completion_tokens"]) ??
      positive(entry["max_completion_tokens"]) ??
      positive(entry["max_output_tokens"]) ??
      positive(entry["outputTokenLimit"]),
    tools: first(
      parameters?.includes("tools"),
      capabilities["function_calling"],
      capabilities["trained_for_tool_use"],
      entry["supports_tools"],
      entry["supports_function_calling"],
      meta["support_tool_calls"],
      features?.includes("tools"),
      someProvider(entry, "supports_tools"),
    ),
    vision: first(
      inputs?.includes("image"),
      capabilities["vision"],
      entry["supports_image_in"],
      entry["supports_image_input"],
      entry["supports_vision"],
      listIn(entry["input_modalities"])?.includes("image"),
      meta["support_vision"],
      entry["type"] === "vlm" ? true : undefined,
    ),
    thinking: first(
      parameters && (parameters.includes("reasoning") || parameters.includes("include_reasoning")),
      capabilities["reasoning"],
      entry["supports_reasoning"],
      meta["support_reasoning"],
      features?.includes("reasoning"),
    ),
    // Where it is false a chat can fill holes all the same.
    fim: capabilities["completion_fim"] === true ? true : undefined,
    embedding: isEmbedding(entry, id),
    price: priceOf(entry),
    listed: listedBy(entry),
  };
}

/** LM Studio's own list has `key`, LiteLLM's `model_name`, Ollama's `model`. */
const ID_FIELDS = ["id", "key", "model_name", "model"];

/** What a real Ollama lists, which passes through. */
function listedBy(entry: Entry): openai.Model["listed"] {
  const { digest, size, details, modified_at, capabilities } = entry;
  if (typeof digest !== "string" || typeof details !== "object" || details === null) {
    return undefined;
  }
  return {
    digest,
    size: typeof size === "number" ? size : 0,
    details: details as Record<string, unknown>,
    modified_at: textIn(modified_at) ?? "",
    ...(Array.isArray(capabilities) && { capabilities: capabilities.map(String) }),
  };
}

const PER_MILLION = 1e6;

/**
 * US dollars for a token: OpenRouter and Vercel write texts with the price of one, Together and Hugging Face numbers with
 * that of a million, LiteLLM fields of its own.
 */
function priceOf(entry: Entry): openai.Price | undefined {
  const { prompt, completion, input, output, input_cache_read } = {
    ...recordIn(providersOf(entry)[0]?.["pricing"]),
    ...recordIn(entry["pricing"]),
  };
  const price = {
    input: dollars(prompt ?? input) ?? dollars(entry["input_cost_per_token"], 1),
    output: dollars(completion ?? output) ?? dollars(entry["output_cost_per_token"], 1),
    cached: dollars(input_cache_read),
  };
  if (price.input === undefined || price.output === undefined) return undefined;
  return { ...price, input: price.input, output: price.output };
}

function dollars(value: unknown, tokens = typeof value === "number" ? PER_MILLION : 1) {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && 0 <= number ? number / tokens : undefined;
}

/** What `/props` of llama.cpp tells of the one model that it has loaded. */
export function parseProps(text: string): Partial<openai.Model> {
  const props = recordIn(parseJson(text));
  const contextLength = positive(recordIn(props["default_generation_settings"])["n_ctx"]);
  const { vision } = recordIn(props["modalities"]);
  return {
    ...(contextLength !== undefined && { contextLength }),
    ...(typeof vision === "boolean" && { vision }),
  };
}

/** Tokens. What is loaded counts more than what could be; of OpenRouter's two the smaller is what it routes to. */
function contextOf(entry: Entry, meta: Entry): number | undefined {
  const routed = positive(recordIn(entry["top_provider"])["context_length"]);
  const published =
    positive(entry["loaded_context_length"]) ??
    positive(entry["context_length"]) ??
    positive(entry["context_window"]) ??
    positive(entry["max_model_len"]) ??
    positive(entry["max_context_length"]) ??
    positive(meta["n_ctx"]) ??
    positive(meta["max_model_len"]) ??
    positive(entry["max_input_tokens"]) ??
    positive(entry["inputTokenLimit"]) ??
    largestOfProviders(entry);
  if (published === undefined || routed === undefined) return published ?? routed;
  return Math.min(published, routed);
}

/** Hugging Face's router lists who serves the model; it picks one that is fit. */
function largestOfProviders(entry: Entry): number | undefined {
  const lengths = providersOf(entry).flatMap(
    ({ context_length }) => positive(context_length) ?? [],
  );
  return lengths.length === 0 ? undefined : Math.max(...lengths);
}

function someProvider(entry: Entry, field: string): boolean | undefined {
  const values = providersOf(entry).map((provider) => provider[field]);
  const told = values.filter((value) => typeof value === "boolean");
  return told.length === 0 ? undefined : told.includes(true);
}

function providersOf(entry: Entry): Entry[] {
  const { providers } = entry;
  return Array.isArray(providers) ? providers.map(recordIn) : [];
}

/** By what the vendor says, else by the id: nobody calls another kind so. */
function isEmbedding(entry: Entry, id: string): boolean {
  const kinds = [entry["type"], entry["kind"], ...(listIn(entry["categories"]) ?? [])];
  const outputs = listIn(recordIn(entry["architecture"])["output_modalities"]) ?? [];
  if ([...kinds, ...outputs].some((kind) => typeof kind === "string" && /embed/i.test(kind))) {
    return true;
  }
  return /embed/i.test(id) && !outputs.includes("text");
}

function first(...values: unknown[]): boolean | undefined {
  return values.find((value) => typeof value === "boolean");
}

function recordIn(value: unknown): Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Entry)
    : {};
}

function listIn(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Cerebras and Perplexity write 0 for what they do not know. */
function positive(value: unknown): number | undefined {
  return typeof value === "number" && 0 < value ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
