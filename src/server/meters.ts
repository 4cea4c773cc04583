import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import type { Price } from "../protocol/openai.ts";

/** What is measured of one request; each as far as it is known. */
export interface Measures {
  provider?: string;
  /** The provider's own spelling. */
  model?: string;
  /** The provider's counts. */
  promptTokens?: number | undefined;
  completionTokens?: number | undefined;
  /** Of the prompt's, those that the provider had in its own cache. */
  cachedTokens?: number | undefined;
  /** Milliseconds from arrival to the first text. */
  firstTokenMs?: number | undefined;
  price?: Price | undefined;
  /** The bridge's own cache had the answer: nothing was paid. */
  isCached?: boolean;
}

/** Sums over a time. */
export interface Totals {
  requests: number;
  /** By the kind of what went wrong: a code of BridgeError, or `client_closed`. */
  errors: Record<string, number>;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  /** Answers from the bridge's own cache. */
  cacheHits: number;
  /** US dollars, of the requests whose provider publishes prices. */
  cost: number;
  /** Milliseconds, on average; absent before the first. */
  firstTokenMs?: number;
  /** Tokens of answers for each second from their first text on, on average. */
  tokensPerSecond?: number;
}

export interface ModelTotals {
  provider: string;
  model: string;
  today: Totals;
  sinceStart: Totals;
}

export interface Snapshot {
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Every request, those without a model included. */
  today: Totals;
  sinceStart: Totals;
  models: ModelTotals[];
}

/** Counts what goes through the bridge. */
export interface Meters {
  /** @param failure the kind of what went wrong */
  record(measures: Measures, end: { ms: number; failure: string | undefined }): void;
  snapshot(): Snapshot;
}

/** Models that are counted apart; the least recently used are forgotten first. */
const MAX_MODELS = 1000;

export function createMeters(clock: Clock): Meters {
  const startedAt = clock.wall();
  const all = createPair();
  const models = new LRUCache<string, Pair & { provider: string; model: string }>({
    max: MAX_MODELS,
  });
  let day = dayOf(startedAt);

  /** At midnight of the machine's own time. */
  function turnDay(): void {
    const current = dayOf(clock.wall());
    if (current === day) return;
    day = current;
    for (const pair of [all, ...models.values()]) pair.today = createSums();
  }

  return {
    record(measures, end) {
      turnDay();
      const pairs = [all];
      const { provider, model } = measures;
      if (provider !== undefined && model !== undefined) {
        const key = `${provider} ${model}`;
        const pair = models.get(key) ?? { ...createPair(), provider, model };
        models.set(key, pair);
        pairs.push(pair);
      }
      for (const { today, sinceStart } of pairs) {
        add(today, measures, end);
        add(sinceStart, measures, end);
      }
    },
    snapshot() {
      turnDay();
      return {
        startedAt,
        ...toTotals(all),
        models: [...models.values()].map(({ provider, model, ...pair }) => ({
          provider,
          model,
          ...toTotals(pair),
        })),
      };
    },
  };
}

interface Sums extends Totals {
  firstTokens: { count: number; ms: number };
  writing: { tokens: number; ms: number };
}

interface Pair {
  today: Sums;
  sinceStart: Sums;
}

function createPair(): Pair {
  return { today: createSums(), sinceStart: createSums() };
}

function createSums(): Sums {
  return {
    requests: 0,
    errors: {},
    promptTokens: 0,
    completionTokens: 0,
    cachedTokens: 0,
    cacheHits: 0,
    cost: 0,
    firstTokens: { count: 0, ms: 0 },
    writing: { tokens: 0, ms: 0 },
  };
}

function add(
  sums: Sums,
  measures: Measures,
  { ms, failure }: { ms: number; failure: string | undefined },
): void {
  const { promptTokens = 0, completionTokens = 0, cachedTokens = 0, firstTokenMs } = measures;
  sums.requests++;
  if (failure !== undefined) sums.errors[failure] = (sums.errors[failure] ?? 0) + 1;
  if (measures.isCached) {
    sums.cacheHits++;
    return;
  }
  sums.promptTokens += promptTokens;
  sums.completionTokens += completionTokens;
  sums.cachedTokens += cachedTokens;
  sums.cost += costOf(measures);
  if (firstTokenMs === undefined) return;
  sums.firstTokens.count++;
  sums.firstTokens.ms += firstTokenMs;
  if (completionTokens > 0 && ms > firstTokenMs) {
    sums.writing.tokens += completionTokens;
    sums.writing.ms += ms - firstTokenMs;
  }
}

function costOf({ price, promptTokens = 0, completionTokens = 0, cachedTokens = 0 }: Measures) {
  if (!price) return 0;
  const { input, output, cached = input } = price;
  return (promptTokens - cachedTokens) * input + cachedTokens * cached + completionTokens * output;
}

function toTotals({ today, sinceStart }: Pair): { today: Totals; sinceStart: Totals } {
  return { today: toPlain(today), sinceStart: toPlain(sinceStart) };
}

function toPlain({ firstTokens, writing, ...sums }: Sums): Totals {
  return {
    ...sums,
    errors: { ...sums.errors },
    ...(firstTokens.count > 0 && { firstTokenMs: firstTokens.ms / firstTokens.count }),
    ...(writing.ms > 0 && { tokensPerSecond: (writing.tokens / writing.ms) * 1000 }),
  };
}

function dayOf(time: number): string {
  return new Date(time).toDateString();
}
