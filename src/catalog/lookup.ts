import { BridgeError } from "../base/errors.ts";
import type { Upstream } from "../upstream/client.ts";
import type { Discovery } from "./discovery.ts";
import type { ModelCard } from "./model-card.ts";
import { qualifiedName, toListedName, toPlainName, withoutProvider } from "./names.ts";
import type { Preset } from "./stored-models.ts";

/** Where a request goes. */
export interface Target {
  upstream: Upstream;
  /** What the provider calls the model. */
  modelId: string;
  /** Absent for a model of a provider that gives no list. */
  card: ModelCard | undefined;
  /** What a stored model or an alias adds. */
  preset?: Preset;
  /** Where it goes when this one fails before its first byte, in order. */
  fallbacks?: Target[];
}

/** What names mean among several providers' models, by the lists that are there now. */
export interface Lookup {
  /** @throws BridgeError `model_ambiguous` */
  readonly find: (name: string) => Target | undefined;
  readonly guess: (name: string) => Target | undefined;
  /** The card under the name by which `find` finds it. */
  readonly named: (card: ModelCard) => ModelCard;
}

export function createLookup(discoveries: Discovery[]): Lookup {
  /** Whether the name alone would mean another provider's model, too or instead. */
  function isTaken({ id, provider }: ModelCard): boolean {
    return discoveries.some((discovery) => {
      const { upstream } = discovery;
      if (upstream.id === provider) return false;
      const rest = withoutProvider(id, upstream.id);
      return [id, rest].some((name) => name !== undefined && discovery.find(name));
    });
  }

  function named(card: ModelCard): ModelCard {
    if (discoveries.length === 1 || !isTaken(card)) return card;
    return { ...card, name: toListedName(qualifiedName(card.provider, card.id)) };
  }

  function toTarget({ upstream }: Discovery, card: ModelCard): Target {
    return { upstream, modelId: card.id, card: named(card) };
  }

  /** A provider's id in front means that provider; else the one that has the model. */
  function find(name: string): Target | undefined {
    for (const discovery of discoveries) {
      const rest = withoutProvider(name, discovery.upstream.id);
      const card = rest === undefined ? undefined : discovery.find(rest);
      if (card) return toTarget(discovery, card);
    }
    const found = discoveries.flatMap((discovery) => {
      const card = discovery.find(name);
      return card ? [toTarget(discovery, card)] : [];
    });
    const exact = found.filter(({ modelId }) => modelId === name);
    const candidates = exact.length === 1 ? exact : found;
    if (candidates.length > 1) throw ambiguous(name, candidates);
    return candidates[0];
  }

  /** A provider whose list is missing, or not all, may have the model all the same; its own answer tells. */
  function guess(name: string): Target | undefined {
    const toGuess = (discovery: Discovery, wanted: string): Target | undefined => {
      const { upstream } = discovery;
      const modelId = toPlainName(wanted);
      return discovery.includes(modelId) ? { upstream, modelId, card: undefined } : undefined;
    };
    const open = discoveries.filter(({ cards, upstream }) => !cards || upstream.servesOthers);
    for (const discovery of open) {
      const rest = withoutProvider(name, discovery.upstream.id);
      if (rest) return toGuess(discovery, rest);
    }
    const first = discoveries.length === 1 ? open[0] : open.find(({ cards }) => !cards);
    return first && toGuess(first, name);
  }

  return { find, guess, named };
}

function ambiguous(name: string, candidates: Target[]): BridgeError {
  const names = candidates.map(({ upstream, modelId }) => qualifiedName(upstream.id, modelId));
  const message = `model '${name}' is ambiguous: it may mean ${names.join(" or ")}. Use one of these names, or make it an alias (setting aliases).`;
  return new BridgeError("model_ambiguous", message);
}
