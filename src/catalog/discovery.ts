import { describeCauses, type BridgeError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type * as openai from "../protocol/openai.ts";
import type { Upstream } from "../upstream/client.ts";
import { toModelCard, type ModelCard } from "./model-card.ts";
import { keyOf, otherSpellings } from "./names.ts";

/** What one provider serves. A list that cannot be renewed stays, together with the reason. */
export interface Discovery {
  readonly upstream: Upstream;
  /** The last list that came; undefined before the first. */
  readonly cards: ModelCard[] | undefined;
  /** The model of this name in that list, as it is spelled, in any case, or spelled otherwise. */
  find(name: string): ModelCard | undefined;
  /** Whether a model of this id counts, by the user's settings. */
  includes(modelId: string): boolean;
  /** The provider itself has told that a model's context holds so many tokens. */
  learnContext(modelId: string, tokens: number): void;
  /** Why the last attempt failed. */
  readonly error: BridgeError | undefined;
  /** Nobody has asked the provider yet. */
  readonly isUntried: boolean;
  /** It is time to ask again, because the list is old or the last attempt failed a while ago. */
  readonly isStale: boolean;
  /** The last attempt is long enough ago to ask again for a model that the list lacks. */
  readonly mayRetry: boolean;
  /** Asks the provider. Never rejects; calls at the same time are one. */
  refresh(): Promise<void>;
}

export interface DiscoveryOptions {
  upstream: Upstream;
  clock: Clock;
  log: Log;
  /** Ends a running attempt. */
  signal: AbortSignal;
  /** Which models count, by the provider's own spelling; all, where absent. */
  includes?: ((modelId: string) => boolean) | undefined;
  /** The list of an earlier run: it serves until the provider has answered. */
  saved?: openai.Model[] | undefined;
  /** A list has come. */
  onListed?: ((models: openai.Model[]) => void) | undefined;
}

/** A list this old is renewed when somebody looks at it. */
const STALE_MS = 5 * 60_000;

/** A list that failed, or lacks a wanted model, is asked for again after this time at the earliest. */
const RETRY_MS = 10_000;

export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { upstream, clock, log, signal, includes = () => true, saved, onListed } = options;
  const provider = upstream.id;
  const startedAt = clock.wall();
  let cards: ModelCard[] | undefined;
  let byName = new Map<string, ModelCard>();
  let error: BridgeError | undefined;
  let triedAt = -Infinity;
  let running: Promise<void> | undefined;
  const learned = new Map<string, number>();
  const age = () => clock.monotonic() - triedAt;

  function take(models: openai.Model[]): void {
    cards = models
      .filter(({ id }) => includes(id))
      .map((model) => {
        const contextLength = learned.get(model.id) ?? model.contextLength;
        return toModelCard({ ...model, contextLength }, { provider, startedAt });
      });
    byName = indexOf(cards);
  }

  let listed = saved;
  if (listed) take(listed);

  async function ask(): Promise<void> {
    const begin = clock.monotonic();
    try {
      const models = await upstream.models(signal);
      take((listed = models));
      onListed?.(models);
      error = undefined;
      const ms = Math.round(clock.monotonic() - begin);
      log.info("models listed", { provider, models: cards?.length, ms });
    } catch (caught) {
      if (signal.aborted) return;
      error = caught as BridgeError;
      log.warn("models could not be listed", { provider, error: describeCauses(caught) });
    } finally {
      triedAt = clock.monotonic();
      running = undefined;
    }
  }

  return {
    upstream,
    includes,
    get cards() {
      return cards;
    },
    find(name) {
      for (const spelling of [name, ...otherSpellings(name)]) {
        const card = byName.get(spelling) ?? byName.get(keyOf(spelling));
        if (card) return card;
      }
      return undefined;
    },
    learnContext(modelId, tokens) {
      if (learned.get(modelId) === tokens) return;
      learned.set(modelId, tokens);
      log.info("context learned", { provider, model: modelId, tokens });
      if (listed) take(listed);
    },
    get error() {
      return error;
    },
    get isUntried() {
      return triedAt === -Infinity && saved === undefined;
    },
    get isStale() {
      return age() > (error === undefined ? STALE_MS : RETRY_MS);
    },
    get mayRetry() {
      return age() > RETRY_MS;
    },
    refresh: () => (running ??= ask()),
  };
}

/** By id, and by key where no other model has it already. */
function indexOf(cards: ModelCard[]): Map<string, ModelCard> {
  const index = new Map(cards.map((card) => [card.id, card]));
  for (const card of cards) {
    const key = keyOf(card.id);
    if (!index.has(key)) index.set(key, card);
  }
  return index;
}
