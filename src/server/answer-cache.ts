import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { orAborted } from "../base/abort.ts";
import { withoutFields } from "../translate/chat-call.ts";
import type * as openai from "../protocol/openai.ts";

type Batch = openai.ChatEvent[];

export interface AnswerCacheOptions {
  mode: "off" | "auto" | "all";
  ttlMs: number;
  /** Of all answers together. */
  maxBytes: number;
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

export function createAnswerCache({ mode, ttlMs, maxBytes }: AnswerCacheOptions): AnswerCache {
  const kept = new LRUCache<string, { batches: Batch[]; size: number }>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(1, Math.floor(maxBytes * LARGEST_SHARE)),
    sizeCalculation: ({ size }) => size,
    ttl: ttlMs,
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
      const own = shareAnswer(ask, () => {
        if (running.get(key) === own) running.delete(key);
      });
      running.set(key, own);
      const events = await own.join(signal);
      const keep = () => {
        const { batches } = own;
        kept.set(key, { batches, size: sizeOf(batches) });
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

/** Two bytes for each character of the text, as it lies in memory at the most. */
function sizeOf(batches: Batch[]): number {
  return batches.reduce((size, batch) => size + 2 * JSON.stringify(batch).length, 1);
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

interface SharedAnswer {
  readonly batches: Batch[];
  readonly isOver: boolean;
  join(signal: AbortSignal): Promise<AsyncIterable<Batch>>;
}

/** One call that several read, each at its own pace; the fastest pulls. It ends with the last that leaves. */
function shareAnswer(
  ask: (signal: AbortSignal) => Promise<AsyncIterable<Batch>>,
  onOver: () => void,
): SharedAnswer {
  const batches: Batch[] = [];
  const controller = new AbortController();
  let readers = 0;
  let isOver = false;
  let isEnded = false;
  /** What it ended with, for whoever reads up to there later. */
  let failure: { error: unknown } | undefined;
  let asking: Promise<AsyncIterator<Batch>> | undefined;
  let pulling: Promise<void> | undefined;

  function end(): void {
    if (isOver) return;
    isOver = true;
    onOver();
  }

  async function pull(): Promise<void> {
    try {
      const next = await (await begin()).next();
      if (next.done) {
        isEnded = true;
        end();
      } else batches.push(next.value);
    } catch (error) {
      failure = { error };
      end();
    } finally {
      pulling = undefined;
    }
  }

  function begin(): Promise<AsyncIterator<Batch>> {
    asking ??= ask(controller.signal).then(
      (events) => events[Symbol.asyncIterator](),
      (error: unknown) => {
        end();
        throw error;
      },
    );
    return asking;
  }

  function leave(): void {
    if (--readers > 0) return;
    end();
    if (isEnded) return;
    controller.abort();
    void asking?.then((iterator) => iterator.return?.()).catch(() => undefined);
  }

  async function* read(signal: AbortSignal): AsyncGenerator<Batch> {
    try {
      for (let position = 0; ; position++) {
        while (position >= batches.length && !isEnded) {
          if (failure) throw failure.error;
          pulling ??= pull();
          await orAborted(pulling, signal);
        }
        const batch = batches[position];
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      leave();
    }
  }

  return {
    batches,
    get isOver() {
      return isOver;
    },
    async join(signal) {
      readers++;
      try {
        await orAborted(begin(), signal);
        return read(signal);
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
