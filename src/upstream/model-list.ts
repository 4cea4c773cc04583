import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";
import { parseModels, parseProps } from "./models.ts";
import type { Auth, ModelList } from "./presets.ts";

export interface ModelListOptions {
  /** The provider's id, in front of each message. */
  provider: string;
  list: ModelList;
  /** A real Ollama, with a list of its own. */
  isOllama: boolean;
  /** The user's own, that no list has. */
  ids: readonly string[];
  /** The body of a GET below the base URL. */
  get: (path: string, auth: Auth | undefined) => Promise<string>;
}

/**
 * What a provider serves: from the best of its lists that it has, and what is known to be missing there.
 *
 * @throws BridgeError when no list came and nothing else is known
 */
export async function listModels(options: ModelListOptions): Promise<openai.Model[]> {
  const { list, ids } = options;
  const fixed = [...ids, ...(list.ids ?? [])].map((id): openai.Model => ({ id }));
  const [listed, further] = await Promise.all([
    firstList(options).catch((error: unknown) => {
      if (fixed.length > 0 && isMissing(error) && !isUnauthorized(error)) return [];
      throw error;
    }),
    list.also === undefined ? [] : read(list.also, options).catch(() => []),
  ]);
  const all = new Map([...fixed, ...listed, ...further].map((model) => [model.id, model]));
  return list.props ? await withProps([...all.values()], options) : [...all.values()];
}

async function firstList(options: ModelListOptions): Promise<openai.Model[]> {
  const paths = options.isOllama ? ["/../api/tags"] : options.list.paths;
  for (const [index, path] of paths.entries()) {
    try {
      return await read(path, options);
    } catch (error) {
      if (index === paths.length - 1 || !isMissing(error)) throw error;
    }
  }
  return [];
}

async function read(path: string, options: ModelListOptions): Promise<openai.Model[]> {
  const { get, list, provider } = options;
  return parseModels(await get(path, list.auth), provider);
}

/** LiteLLM keeps its best list for administrators; a wrong key is refused by the next list as well. */
const MISSING = new Set([400, 401, 403, 404, 405, 501]);

/** The server does not have this list, or it is none. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof BridgeError)) return false;
  const { upstreamStatus, connection } = error;
  if (upstreamStatus !== undefined) return MISSING.has(upstreamStatus);
  return error.code === "upstream_failed" && connection === undefined;
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof BridgeError && error.code === "upstream_unauthorized";
}

/** llama.cpp's list tells the context of the training; what a request has is a setting of the server. */
async function withProps(
  models: openai.Model[],
  { get }: ModelListOptions,
): Promise<openai.Model[]> {
  if (models.length !== 1) return models;
  const props = await get("/../props", undefined).then(parseProps, () => ({}));
  return models.map((model) => ({ ...model, ...props }));
}
