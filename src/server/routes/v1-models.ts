import { BridgeError } from "../../base/errors.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import type { ModelCard } from "../../catalog/model-card.ts";
import type { Exchange } from "../exchange.ts";
import { json } from "../reply.ts";

/** `GET /v1/models`. Never null, as Ollama's is without models. */
export async function v1Models(
  _exchange: Exchange,
  { catalog }: { catalog: Catalog },
): Promise<Response> {
  const cards = await catalog.list();
  return json({ object: "list", data: cards.map((card) => toModel(card, card.name)) });
}

/** `GET /v1/models/:id`; ids may contain slashes. Tells the id as it was asked for. */
export async function v1Model(
  { path }: Exchange,
  { catalog }: { catalog: Catalog },
): Promise<Response> {
  const id = decode(path.slice("/v1/models/".length));
  const { card } = await catalog.resolve(id);
  if (!card) throw new BridgeError("model_not_found", `model '${id}' not found`);
  return json(toModel(card, id));
}

function toModel(card: ModelCard, id: string): object {
  const created = Math.floor(card.modifiedAt / 1000);
  return { id, object: "model", created, owned_by: card.ownedBy ?? card.provider };
}

/** A percent sign that stands for itself stays. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
