import type { Catalog } from "../../catalog/catalog.ts";
import { toListedModel } from "../../catalog/model-answers.ts";
import type { Exchange } from "../exchange.ts";
import { json } from "../reply.ts";

/** `GET|HEAD /api/tags`: every model, most recent first. */
export async function tags(
  _exchange: Exchange,
  { catalog }: { catalog: Catalog },
): Promise<Response> {
  const cards = await catalog.list();
  return json({ models: cards.map(toListedModel) });
}
