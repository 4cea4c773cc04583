import type { LoadedModels } from "../../catalog/loaded-models.ts";
import { toRunningModel } from "../../catalog/model-answers.ts";
import type { Exchange } from "../exchange.ts";
import { json } from "../reply.ts";

/** `GET /api/ps`: the models used within their `keep_alive`. */
export function ps(_exchange: Exchange, { loaded }: { loaded: LoadedModels }): Response {
  const models = loaded.list().map(({ card, expiresAt }) => toRunningModel(card, expiresAt));
  return json({ models });
}
