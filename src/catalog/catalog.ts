import { BridgeError } from "../base/errors.ts";
import type { AliasSetting, AliasSettings } from "./aliases.ts";
import type { Discovery } from "./discovery.ts";
import { digestOf, type ModelCard } from "./model-card.ts";
import { createLookup, type Target } from "./lookup.ts";
import { isLegalName, keyOf, qualifiedName, toListedName } from "./names.ts";
import type { IsShown } from "./shown.ts";
import type { Alias, Preset, StoredModels } from "./stored-models.ts";

export interface Catalog {
  /**
   * Every provider's models and the user's own, but for those that the user does not want to see. A model has its
   * provider's name for it, with the provider's id in front where another provider has one of that name too.
   *
   * @throws BridgeError the first provider's failure, when none has a list
   */
  list(): Promise<ModelCard[]>;
  /**
   * @param name as the client wrote it
   * @throws BridgeError `invalid_request` for an illegal name, `model_ambiguous` with the names that it may mean,
   *   `model_not_found` in Ollama's words
   */
  resolve(name: string): Promise<Target>;
  /** The same, deleted or not. */
  resolveHidden(name: string): Promise<Target>;
  /** A provider has told how many tokens its model's context holds. */
  learnContext(target: Target, tokens: number): void;
  /** Asks every provider again. */
  refresh(): Promise<void>;
}

export interface CatalogOptions {
  discoveries: Discovery[];
  stored: StoredModels;
  aliases: AliasSettings;
  isShown: IsShown;
}

interface Looking {
  /** Aliases on the way. */
  depth: number;
  /** Only what is known counts: whoever lists does not ask providers for what an alias lacks. */
  isListing: boolean;
}

const ASKING: Looking = { depth: 0, isListing: false };

/** Aliases of aliases; longer chains go round in a circle. */
const MAX_ALIASES = 8;

export function createCatalog({ discoveries, stored, aliases, isShown }: CatalogOptions): Catalog {
  const { find, guess, named } = createLookup(discoveries);

  /** Asks whoever is due. Only those that `isNeeded` names are waited for; of the others the old list serves. */
  async function renew(isNeeded: (discovery: Discovery) => boolean): Promise<void> {
    const due = discoveries.filter(({ isStale }) => isStale);
    const needed = due.filter(isNeeded);
    for (const discovery of due) void discovery.refresh();
    await refresh(needed);
  }

  async function refresh(some: Discovery[]): Promise<void> {
    await Promise.all(some.map((discovery) => discovery.refresh()));
  }

  async function locate(name: string, { isListing }: Looking): Promise<Target | undefined> {
    if (isListing) return find(name);
    await renew(({ isUntried }) => isUntried);
    const known = find(name);
    if (known) return known;
    await refresh(discoveries.filter(({ mayRetry }) => mayRetry));
    return find(name) ?? guess(name);
  }

  async function resolveHidden(name: string, looking: Looking): Promise<Target> {
    const own = await stored.find(name);
    if (own) return await resolveStored(name, own, looking);
    const setting = aliases.find(name);
    if (setting) return await resolveAlias(name, setting, looking);
    const target = await locate(name, looking);
    if (target) return target;
    if (!isLegalName(name)) throw new BridgeError("invalid_request", "invalid model name");
    throw notFound(name);
  }

  async function resolveStored(name: string, alias: Alias, looking: Looking): Promise<Target> {
    const target = await locate(alias.from, looking);
    if (target) return asOwn(target, { name, preset: alias, madeAt: alias.createdAt });
    const message = `model '${name}' not found: it was made from '${alias.from}', which no provider lists any more`;
    throw new BridgeError("model_not_found", message);
  }

  /** Of a chain, whoever is there: one provider that is down does not end it. */
  async function resolveAlias(
    name: string,
    alias: AliasSetting,
    looking: Looking,
  ): Promise<Target> {
    const { depth } = looking;
    if (depth === MAX_ALIASES) {
      const message = `the alias '${name}' leads back to itself. Change the setting aliases.`;
      throw new BridgeError("invalid_request", message);
    }
    const outcomes = await Promise.all(
      alias.models.map((model) =>
        resolveHidden(model, { ...looking, depth: depth + 1 }).catch(
          (error: unknown) => error as Error,
        ),
      ),
    );
    const found = outcomes.filter((outcome) => !(outcome instanceof Error)) as Target[];
    const [first, ...others] = found.flatMap(({ fallbacks = [], ...target }) => [
      target,
      ...fallbacks,
    ]);
    if (!first) throw unresolved(name, { alias, error: outcomes[0] as Error });
    const { models, ...preset } = alias;
    const as = (target: Target) => asOwn(target, { name, preset: { ...preset, from: models[0] } });
    return { ...as(first), ...(others.length > 0 && { fallbacks: others.map(as) }) };
  }

  async function ownCards(): Promise<ModelCard[]> {
    const names = [...(await stored.aliases()).keys(), ...aliases.names];
    const looking = { depth: 0, isListing: true };
    const targets = names.map((name) => resolveHidden(name, looking).catch(() => undefined));
    return (await Promise.all(targets)).flatMap((target) => {
      // The first of a chain may be at a provider that is down.
      const chain = target ? [target, ...(target.fallbacks ?? [])] : [];
      return chain.find(({ card }) => card)?.card ?? [];
    });
  }

  async function isDeleted({ name, provider, id }: ModelCard): Promise<boolean> {
    return (await stored.isHidden(name)) || (await stored.isHidden(qualifiedName(provider, id)));
  }

  return {
    async list() {
      await renew(({ cards }) => cards === undefined);
      const lists = discoveries.map(({ cards }) => cards).filter((cards) => cards !== undefined);
      const error = discoveries.find((discovery) => discovery.error)?.error;
      if (lists.length === 0 && error) throw error;
      const shown = lists.flat().filter(isShown).map(named);
      const byKey = new Map<string, ModelCard>();
      for (const card of await ownCards()) {
        if (!(await stored.isHidden(card.name))) byKey.set(keyOf(card.name), card);
      }
      for (const card of shown) {
        const key = keyOf(card.name);
        if (!byKey.has(key) && !(await isDeleted(card))) byKey.set(key, card);
      }
      return [...byKey.values()].sort((a, b) => b.modifiedAt - a.modifiedAt);
    },
    async resolve(name) {
      if (await stored.isHidden(name)) throw notFound(name);
      const target = await resolveHidden(name, ASKING);
      if (target.card && !target.preset && (await isDeleted(target.card))) throw notFound(name);
      return target;
    },
    resolveHidden: (name) => resolveHidden(name, ASKING),
    learnContext({ upstream, modelId }, tokens) {
      const discovery = discoveries.find((one) => one.upstream.id === upstream.id);
      discovery?.learnContext(modelId, tokens);
    },
    refresh: () => refresh(discoveries),
  };
}

function notFound(name: string): BridgeError {
  return new BridgeError("model_not_found", `model '${name}' not found`);
}

function unresolved(
  name: string,
  { alias, error }: { alias: AliasSetting; error: Error },
): BridgeError {
  const message = `model '${name}' not found: it is an alias (setting aliases) of ${alias.models.join(", ")}, and no provider has that`;
  if (error instanceof BridgeError && error.code !== "model_not_found") return error;
  return new BridgeError("model_not_found", message, { cause: error });
}

/** The same model under the user's name, with what it was given. A preset of one that it is made from stays below. */
function asOwn(
  target: Target,
  { name, preset, madeAt }: { name: string; preset: Preset; madeAt?: number },
): Target {
  const { card } = target;
  const all = merged(target.preset, preset);
  if (!card) return { ...target, preset: all };
  const own: ModelCard = {
    ...card,
    name: toListedName(name),
    modifiedAt: madeAt ?? card.modifiedAt,
    digest: digestOf([card.digest, name, preset]),
    listed: undefined,
  };
  return { ...target, card: own, preset: all };
}

function merged(lower: Preset | undefined, upper: Preset): Preset {
  if (!lower) return upper;
  return {
    from: lower.from ?? upper.from,
    system: upper.system ?? lower.system,
    messages: upper.messages ?? lower.messages,
    think: upper.think ?? lower.think,
    parameters: { ...lower.parameters, ...upper.parameters },
  };
}
