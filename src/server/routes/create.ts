import type { Clock } from "../../base/clock.ts";
import { BridgeError } from "../../base/errors.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { isLegalName, toPlainName } from "../../catalog/names.ts";
import type { Alias, Preset, StoredModels } from "../../catalog/stored-models.ts";
import * as ollama from "../../protocol/ollama.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { progress, type Progress } from "../progress.ts";

interface CreateOptions {
  catalog: Catalog;
  stored: StoredModels;
  clock: Clock;
  maxBodyBytes: number;
}

/** `POST /api/create` from a model that a provider serves: another name for it, with a preset. */
export async function create(exchange: Exchange, options: CreateOptions): Promise<Response> {
  const request = await readBody(exchange.request, ollama.createRequest, {
    name: "CreateRequest",
    maxBytes: options.maxBodyBytes,
  });
  const name = request.model || request.name;
  if (!name || !isLegalName(name)) throw new BridgeError("invalid_request", "invalid model name");
  refuseFiles(request);
  const { from } = request;
  if (!from) {
    throw new BridgeError("invalid_request", "neither 'from' or 'files' was specified");
  }
  const { preset, card } = await options.catalog.resolveHidden(from);
  const base = preset?.from ?? toPlainName(card?.name ?? from);
  const alias = toAlias(request, { preset, base, createdAt: options.clock.wall() });
  const isTemplated = Boolean(request.template);
  return await progress(steps(name, { alias, isTemplated, stored: options.stored }), {
    exchange,
    stream: request.stream !== false,
  });
}

/** No weights lie here that could be made into a model. */
function refuseFiles({ files, adapters, quantize }: ollama.CreateRequest): void {
  const field = files ? "files" : adapters ? "adapters" : quantize ? "quantize" : undefined;
  if (field === undefined) return;
  throw new BridgeError(
    "invalid_request",
    `'${field}' is not supported: models run at their providers, nothing lies on this machine. Use 'from' with the name of a listed model, and 'system' or 'parameters'.`,
  );
}

/** A model made from a stored one keeps what that was given, but for what it is given itself. */
function toAlias(
  { system, parameters, messages }: ollama.CreateRequest,
  { preset, base, createdAt }: { preset: Preset | undefined; base: string; createdAt: number },
): Alias {
  const all = { ...preset?.parameters, ...parameters };
  return {
    from: base,
    createdAt,
    system: system ?? preset?.system,
    messages: messages ?? preset?.messages,
    ...(Object.keys(all).length > 0 && { parameters: all }),
  };
}

interface Creation {
  alias: Alias;
  isTemplated: boolean;
  stored: StoredModels;
}

async function* steps(
  name: string,
  { alias, isTemplated, stored }: Creation,
): AsyncGenerator<Progress> {
  yield { status: `using the provider's model ${alias.from}` };
  if (isTemplated) yield { status: "ignoring the template: the provider has its own" };
  yield { status: "writing manifest" };
  await stored.add(name, alias);
  yield { status: "success" };
}
