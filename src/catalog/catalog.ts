import { BridgeError } from "../base/errors.ts";
import type * as ollama from "../protocol/ollama.ts";
import type { Upstream } from "../upstream/client.ts";
import type { Discovery } from "./discovery.ts";
import type { ModelCard } from "./model-card.ts";
import { isLegalName, isNamed, toModelId } from "./names.ts";

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

/** What a stored model adds to each request. */
export interface Preset {
  system?: string;
  parameters?: Record<string, unknown>;
  messages?: ollama.Message[];
}

export interface Catalog {
  /**
   * Every provider's models; of two with one name, the first provider's.
   *
   * @throws BridgeError the first provider's failure, when none has a list
   */
  list(): Promise<ModelCard[]>;
  /**
   * @param name as the client wrote it
   * @throws BridgeError `invalid_request` for an illegal name, `model_not_found` in Ollama's words
   */
  resolve(name: string): Promise<Target>;
  /** Asks every provider again. */
  refresh(): Promise<void>;
}

export function createCatalog(discoveries: Discovery[]): Catalog {
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
    for (const { upstream, cards } of discoveries) {
      const card = cards?.find(({ id }) => isNamed(id, name));
      if (card) return { upstream, modelId: card.id, card };
    }
    return undefined;
  }

  /** A provider that gives no list may have the model all the same; its own answer tells. */
  function guess(name: string): Target | undefined {
    const unlisted = discoveries.find(({ cards }) => cards === undefined);
    return unlisted && { upstream: unlisted.upstream, modelId: toModelId(name), card: undefined };
  }

  return {
    async list() {
      await renew(({ cards }) => cards === undefined);
      const lists = discoveries.map(({ cards }) => cards).filter((cards) => cards !== undefined);
      const error = discoveries.find((discovery) => discovery.error)?.error;
      if (lists.length === 0 && error) throw error;
      const byName = new Map<string, ModelCard>();
      for (const card of lists.flat()) if (!byName.has(card.name)) byName.set(card.name, card);
      return [...byName.values()].sort((a, b) => b.modifiedAt - a.modifiedAt);
    },
    async resolve(name) {
      await renew(({ isUntried }) => isUntried);
      const known = find(name);
      if (known) return known;
      await refresh(discoveries.filter(({ mayRetry }) => mayRetry));
      const target = find(name) ?? guess(name);
      if (target) return target;
      if (!isLegalName(name)) throw new BridgeError("invalid_request", "invalid model name");
      throw new BridgeError("model_not_found", `model '${name}' not found`);
    },
    refresh: () => refresh(discoveries),
  };
}
