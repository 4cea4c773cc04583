import { BridgeError } from "../base/errors.ts";
import type { Upstream } from "../upstream/client.ts";
import type { Discovery } from "./discovery.ts";
import { digestOf, type ModelCard } from "./model-card.ts";
import { isLegalName, keyOf, toListedName, toModelId } from "./names.ts";
import type { Alias, Preset, StoredModels } from "./stored-models.ts";

/** Where a request goes. */
export interface Target {
  upstream: Upstream;
  /** What the provider calls the model. */
  modelId: string;
  /** Absent for a model of a provider that gives no list. */
  card: ModelCard | undefined;
  /** What a stored model adds. */
  preset?: Preset;
}

export interface Catalog {
  /**
   * Every provider's models and the stored ones, but for those that the user has hidden; of two with one name,
   * the first provider's.
   *
   * @throws BridgeError the first provider's failure, when none has a list
   */
  list(): Promise<ModelCard[]>;
  /**
   * @param name as the client wrote it
   * @throws BridgeError `invalid_request` for an illegal name, `model_not_found` in Ollama's words
   */
  resolve(name: string): Promise<Target>;
  /** The same, hidden or not. */
  resolveHidden(name: string): Promise<Target>;
  /** Asks every provider again. */
  refresh(): Promise<void>;
}

export function createCatalog(discoveries: Discovery[], stored: StoredModels): Catalog {
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

  function find(name: string): Target | undefined {
    for (const discovery of discoveries) {
      const card = discovery.find(name);
      if (card) return { upstream: discovery.upstream, modelId: card.id, card };
    }
    return undefined;
  }

  /** A provider that gives no list may have the model all the same; its own answer tells. */
  function guess(name: string): Target | undefined {
    const unlisted = discoveries.find(({ cards }) => cards === undefined);
    return unlisted && { upstream: unlisted.upstream, modelId: toModelId(name), card: undefined };
  }

  async function locate(name: string): Promise<Target | undefined> {
    await renew(({ isUntried }) => isUntried);
    const known = find(name);
    if (known) return known;
    await refresh(discoveries.filter(({ mayRetry }) => mayRetry));
    return find(name) ?? guess(name);
  }

  async function resolveHidden(name: string): Promise<Target> {
    const alias = await stored.find(name);
    const target = await locate(alias?.from ?? name);
    if (target) return alias ? asStored(target, { name, alias }) : target;
    if (alias) {
      const message = `model '${name}' not found: it was made from '${alias.from}', which no provider lists any more`;
      throw new BridgeError("model_not_found", message);
    }
    if (!isLegalName(name)) throw new BridgeError("invalid_request", "invalid model name");
    throw new BridgeError("model_not_found", `model '${name}' not found`);
  }

  async function storedCards(): Promise<ModelCard[]> {
    const aliases = [...(await stored.aliases())];
    return aliases.flatMap(([name, alias]) => {
      const target = find(alias.from);
      return (target && asStored(target, { name, alias }).card) ?? [];
    });
  }

  return {
    async list() {
      await renew(({ cards }) => cards === undefined);
      const lists = discoveries.map(({ cards }) => cards).filter((cards) => cards !== undefined);
      const error = discoveries.find((discovery) => discovery.error)?.error;
      if (lists.length === 0 && error) throw error;
      const byKey = new Map<string, ModelCard>();
      for (const card of [...(await storedCards()), ...lists.flat()]) {
        const key = keyOf(card.name);
        if (!byKey.has(key) && !(await stored.isHidden(card.name))) byKey.set(key, card);
      }
      return [...byKey.values()].sort((a, b) => b.modifiedAt - a.modifiedAt);
    },
    async resolve(name) {
      if (!(await stored.isHidden(name))) return await resolveHidden(name);
      throw new BridgeError("model_not_found", `model '${name}' not found`);
    },
    resolveHidden,
    refresh: () => refresh(discoveries),
  };
}

/** The same model under the user's name, with what it was given. */
function asStored(target: Target, { name, alias }: { name: string; alias: Alias }): Target {
  const { card } = target;
  if (!card) return { ...target, preset: alias };
  const own: ModelCard = {
    ...card,
    name: toListedName(name),
    modifiedAt: alias.createdAt,
    digest: digestOf([card.digest, name, alias]),
  };
  return { ...target, card: own, preset: alias };
}
