import { BridgeError } from "../base/errors.ts";
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

/** A list this old is renewed in the background when somebody looks at it. */
const STALE_MS = 5 * 60_000;

/** A list that failed, or lacks a wanted model, is asked for again after this time at the earliest. */
const RETRY_MS = 10_000;

export function createCatalog(discoveries: Discovery[]): Catalog {
  async function renew(maxAge: number): Promise<void> {
    const stale = discoveries.filter((discovery) => discovery.age() > maxAge);
    const missing = stale.filter(({ cards }) => cards === undefined);
    const renewals = stale.map((discovery) => discovery.refresh());
    // Whoever has an old list uses it; only a provider without one is waited for.
    if (missing.length > 0) await Promise.all(renewals);
  }

  async function renewAll(): Promise<void> {
    await Promise.all(discoveries.map((discovery) => discovery.refresh()));
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

  const failedRecently = () => discoveries.some(({ error }) => error !== undefined);

  return {
    async list() {
      await renew(failedRecently() ? RETRY_MS : STALE_MS);
      const lists = discoveries.map(({ cards }) => cards).filter((cards) => cards !== undefined);
      const error = discoveries.find((discovery) => discovery.error)?.error;
      if (lists.length === 0 && error) throw error;
      const byName = new Map<string, ModelCard>();
      for (const card of lists.flat()) if (!byName.has(card.name)) byName.set(card.name, card);
      return [...byName.values()].sort((a, b) => b.modifiedAt - a.modifiedAt);
    },
    async resolve(name) {
      await renew(failedRecently() ? RETRY_MS : STALE_MS);
      const known = find(name);
      if (known) return known;
      if (discoveries.every((discovery) => discovery.age() > RETRY_MS)) await renewAll();
      const target = find(name) ?? guess(name);
      if (target) return target;
      if (!isLegalName(name)) throw new BridgeError("invalid_request", "invalid model name");
      throw new BridgeError("model_not_found", `model '${name}' not found`);
    },
    refresh: renewAll,
  };
}
