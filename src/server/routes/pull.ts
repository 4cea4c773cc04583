import { BridgeError } from "../../base/errors.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { qualifiedName } from "../../catalog/names.ts";
import type { StoredModels } from "../../catalog/stored-models.ts";
import * as ollama from "../../protocol/ollama.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { progress, type Progress } from "../progress.ts";

interface PullOptions {
  catalog: Catalog;
  stored: StoredModels;
  maxBodyBytes: number;
}

/**
 * `POST /api/pull`. A model that a provider serves is there already, and one that was hidden comes back; nothing
 * else can be pulled.
 */
export async function pull(exchange: Exchange, options: PullOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.pullRequest, {
    name: "PullRequest",
    maxBytes: options.maxBodyBytes,
  });
  const name = request.model || request.name;
  if (!name) throw new BridgeError("invalid_request", "invalid model name");
  exchange.note({ model: name });
  return await progress(steps(name, options), { exchange, stream: request.stream !== false });
}

/** What Ollama's registry says of a model that it does not have. */
const NOT_THERE = "pull model manifest: file does not exist";

/** A manifest is all there is: nothing lies on this machine. */
const MANIFEST_BYTES = 1;

async function* steps(name: string, { catalog, stored }: PullOptions): AsyncGenerator<Progress> {
  yield { status: "pulling manifest" };
  const { card } = await catalog.resolveHidden(name).catch((error: unknown) => {
    const isUnknown = error instanceof BridgeError && error.code === "model_not_found";
    throw isUnknown ? new BridgeError("model_not_found", NOT_THERE, { cause: error }) : error;
  });
  if (!card) throw new BridgeError("model_not_found", NOT_THERE);
  await stored.show(name);
  await stored.show(card.name);
  await stored.show(qualifiedName(card.provider, card.id));
  const layer = {
    status: `pulling ${card.digest.slice(0, 12)}`,
    digest: `sha256:${card.digest}`,
    total: MANIFEST_BYTES,
  };
  yield layer;
  yield { ...layer, completed: MANIFEST_BYTES };
  yield { status: "verifying sha256 digest" };
  yield { status: "writing manifest" };
  yield { status: "success" };
}
