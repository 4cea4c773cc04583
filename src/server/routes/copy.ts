import type { Clock } from "../../base/clock.ts";
import { BridgeError } from "../../base/errors.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { isLegalName, toPlainName } from "../../catalog/names.ts";
import type { StoredModels } from "../../catalog/stored-models.ts";
import * as ollama from "../../protocol/ollama.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { empty } from "../reply.ts";

interface CopyOptions {
  catalog: Catalog;
  stored: StoredModels;
  clock: Clock;
  maxBodyBytes: number;
}

/** `POST /api/copy`: another name for a model. */
export async function copy(exchange: Exchange, options: CopyOptions): Promise<Response> {
  const { source, destination } = await readBody(exchange.request, ollama.copyRequest, {
    name: "CopyRequest",
    maxBytes: options.maxBodyBytes,
  });
  requireLegal("source", source);
  requireLegal("destination", destination);
  const { preset, card } = await options.catalog.resolve(source).catch((error: unknown) => {
    if (!(error instanceof BridgeError) || error.code !== "model_not_found") throw error;
    const message = `model ${JSON.stringify(source)} not found`;
    throw new BridgeError("model_not_found", message, { cause: error });
  });
  const from = preset?.from ?? toPlainName(card?.name ?? source);
  await options.stored.add(destination, { ...preset, from, createdAt: options.clock.wall() });
  return empty();
}

function requireLegal(field: string, name: string | null | undefined): asserts name is string {
  if (name && isLegalName(name)) return;
  throw new BridgeError("invalid_request", `${field} ${JSON.stringify(name ?? "")} is invalid`);
}
