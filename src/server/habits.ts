import { LRUCache } from "lru-cache";
import type { FimStrategy, Quirks } from "../protocol/dialect.ts";
import { beginningOf, type Beginning } from "../translate/think-tags.ts";
import type { Wish } from "./embedding-wishes.ts";

/** Models about which something is remembered at most. */
const MAX_MODELS = 1000;

/** What one model of one provider was seen to do; forgotten when the bridge ends. */
export interface Habits {
  /** How its answers begin. */
  beginning: Beginning;
  /** Ways to fill a hole that it has refused. */
  refusedStrategies: Set<FimStrategy>;
  /** It takes no prompts without roles. */
  refusesRaw: boolean;
  /** What its refusals have told of its dialect. */
  learned: Quirks;
  /** Fields of an embedding call that it does not take. */
  refusedWishes: Set<Wish>;
}

/** @param model the provider's id and the model's */
export type HabitsOf = (provider: string, model: string) => Habits;

export function createHabits(): HabitsOf {
  const models = new LRUCache<string, Habits>({ max: MAX_MODELS });
  return (provider, model) => {
    const key = `${provider} ${model}`;
    const known = models.get(key);
    if (known) return known;
    const habits: Habits = {
      beginning: beginningOf(model),
      refusedStrategies: new Set(),
      refusesRaw: false,
      learned: {},
      refusedWishes: new Set(),
    };
    models.set(key, habits);
    return habits;
  };
}
