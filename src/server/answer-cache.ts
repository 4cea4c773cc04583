import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { withoutFields } from "../translate/chat-call.ts";
import { shareAnswer, type Batch, type SharedAnswer } from "./shared-answer.ts";

export interface AnswerCacheOptions {
  mode: "off" | "auto" | "all";
  ttlMs: number;
  /** Of all answers together. */
  maxBytes: number;
  clock: Clock;
}

/** What makes two requests one. */
interface Question {
  provider: string;
  /** The path of the call: a chat and a completion are never one. */
  route: string;
  /** Whether it is a stream does not count: a kept answer is given as either. */
  request: object;
  /** What the bridge itself does with the answer. */
  stops: readonly string[];
}

/** Answers to identical requests, and calls under way that several clients wait for. */
export interface AnswerCache {
  /** @param isRepeatable the same request is meant to have the same answer: temperature 0, a seed, a hole in code */
  readonly keeps: (isRepeatable: boolean) => boolean;
  /**
   * The answer to a question: kept, under way for somebody else, or from `ask`, which is aborted when nobody waits
   * for it any more.
   *
   * @throws what `ask` does, or what `signal` was aborted with
   */
  answer(
    question: Question,
    ask: (signal: AbortSignal) => Promise<AsyncIterable<Batch>>,
    signal: AbortSignal,
  ): Promise<CachedAnswer>;
}

interface CachedAnswer {
  events: AsyncIterable<Batch>;
  /** `miss`: the provider was asked for this one. */
  state: "hit" | "shared" | "miss";
  /** The whole answer came out right: from now on it may be kept. */
  readonly keep: () => void;
}

/** One answer may take up this part of the cache. */
const LARGEST_SHARE = 0.25;

export function createAnswerCache(options: AnswerCacheOptions): AnswerCache {
  const { mode, ttlMs, maxBytes, clock } = options;
  const kept = new LRUCache<string, { batches: Batch[]; size: number }>({
    maxSize: maxBytes,
    sizeCalculation: ({ size }) => size,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now: () => clock.monotonic() },
  });
  const running = new Map<string, SharedAnswer>();

  return {
    keeps: (isRepeatable) => mode === "all" || (mode === "auto" && isRepeatable),
    async answer(question, ask, signal) {
      const key = keyOf(question);
      const found = kept.get(key);
      if (found) return { events: replay(found.batches), state: "hit", keep: () => undefined };
      const shared = running.get(key);
      if (shared && !shared.isOver) {
        return { events: await shared.join(signal), state: "shared", keep: () => undefined };
      }
      const own = shareAnswer(ask, {
        maxSize: Math.max(1, Math.floor(maxBytes * LARGEST_SHARE)),
        onOver() {
          if (running.get(key) === own) running.delete(key);
        },
      });
      running.set(key, own);
      const events = await own.join(signal);
      const keep = () => {
        const whole = own.whole();
        if (whole) kept.set(key, whole);
      };
      return { events, state: "miss", keep };
    },
  };
}

async function* replay(batches: Batch[]): AsyncGenerator<Batch> {
  for (const batch of batches) {
    await Promise.resolve();
    yield batch;
  }
}

function keyOf({ provider, route, request, stops }: Question): string {
  const asked = withoutFields(request, ["stream", "stream_options"]);
  const text = JSON.stringify([provider, route, canonical(asked), stops]);
  return createHash("sha256").update(text).digest("base64");
}

/** The same object with its keys in order: two clients may write them in another one. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, canonical(one)]));
}
