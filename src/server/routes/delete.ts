import { BridgeError } from "../../base/errors.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { isLegalName, qualifiedName } from "../../catalog/names.ts";
import type { StoredModels } from "../../catalog/stored-models.ts";
import * as ollama from "../../protocol/ollama.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { empty } from "../reply.ts";

interface DeleteOptions {
  catalog: Catalog;
  stored: StoredModels;
  maxBodyBytes: number;
}

/** `DELETE /api/delete`: removes a stored model. A provider's is hidden, until it is pulled again. */
export async function remove(exchange: Exchange, options: DeleteOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.deleteRequest, {
    name: "DeleteRequest",
    maxBytes: options.maxBodyBytes,
  });
  const name = request.model || request.name;
  if (!name) throw new BridgeError("invalid_request", "model is required");
  if (!isLegalName(name)) {
    throw new BridgeError("invalid_request", `name ${JSON.stringify(name)} is invalid`);
  }
  exchange.note({ model: name });
  if (await options.stored.remove(name)) return empty();
  const { card, preset } = await options.catalog.resolve(name);
  const isOwnName = card === undefined || preset !== undefined;
  await options.stored.hide(isOwnName ? name : qualifiedName(card.provider, card.id));
  return empty();
}
