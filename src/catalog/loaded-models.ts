import type { Clock } from "../base/clock.ts";
import type { ModelCard } from "./model-card.ts";

/** Which models count as loaded, as Ollama's clients understand it: used within their `keep_alive`. */
export interface LoadedModels {
  /** @param keepAlive seconds; 0 unloads, Infinity keeps */
  touch(card: ModelCard, keepAlive: number): void;
  /** Longest remaining lifetime first. `expiresAt` is in milliseconds since 1970. */
  list(): { card: ModelCard; expiresAt: number }[];
}

/** Ollama answers about 292 years for "forever": Go's longest duration. */
const FOREVER_MS = 292 * 365 * 24 * 3_600_000;

export function createLoadedModels(clock: Clock): LoadedModels {
  const loaded = new Map<string, { card: ModelCard; expiresAt: number }>();
  return {
    touch(card, keepAlive) {
      if (keepAlive === 0) loaded.delete(card.name);
      else {
        const expiresAt = clock.wall() + Math.min(keepAlive * 1000, FOREVER_MS);
        loaded.set(card.name, { card, expiresAt });
      }
    },
    list() {
      for (const [name, { expiresAt }] of loaded) {
        if (expiresAt <= clock.wall()) loaded.delete(name);
      }
      return [...loaded.values()].sort((a, b) => b.expiresAt - a.expiresAt);
    },
  };
}
