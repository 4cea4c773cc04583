import { LRUCache } from "lru-cache";
import type { Recall, Remembered } from "../translate/turn-key.ts";

/** Most memory that remembered reasoning may take, in characters, and the most answers. */
const MAX_CHARS = 32 * 1024 * 1024;
const MAX_ANSWERS = 5000;

/**
 * What providers want to see again of their answers and Ollama's clients drop: reasoning and signatures. The
 * oldest are forgotten first.
 */
export interface TurnMemory {
  /** @param model provider and model: what one signed means nothing to another */
  recallFor(model: string): Recall;
  remember(model: string, keys: string[], remembered: Remembered): void;
}

export function createTurnMemory({
  maxChars = MAX_CHARS,
  maxAnswers = MAX_ANSWERS,
} = {}): TurnMemory {
  const answers = new LRUCache<string, Remembered>({
    max: maxAnswers,
    maxSize: maxChars,
    sizeCalculation: ({ reasoning, details, signatures }) =>
      1 + reasoning.length + JSON.stringify([details, signatures]).length,
  });
  return {
    recallFor: (model) => (keys) => {
      for (const key of keys) {
        const found = answers.get(`${model} ${key}`);
        if (found) return found;
      }
      return undefined;
    },
    remember(model, keys, remembered) {
      for (const key of keys) answers.set(`${model} ${key}`, remembered);
    },
  };
}
