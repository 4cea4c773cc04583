import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { createBreaker, type BreakerState } from "./breaker.ts";
import type { CallContext, Upstream } from "./client.ts";
import { createRetryBudget, withRetry, type RetryRules } from "./retry.ts";
import { createSlots } from "./slots.ts";

export interface ResilienceOptions {
  rules: RetryRules;
  /** Calls at once, and calls that may wait for their turn. */
  maxConcurrent: number;
  maxQueued: number;
  clock: Clock;
  log: Log;
  random: () => number;
  /** The breaker has opened, closed, or lets one call through. */
  onBreaker?: ((state: BreakerState) => void) | undefined;
}

export interface ResilientUpstream extends Upstream {
  readonly breaker: BreakerState;
  /** Calls under way, and calls that wait for their turn. */
  readonly load: { running: number; waiting: number };
}

/**
 * The same provider, asked with patience: so many calls at once, each made again where that makes sense, none while it
 * fails every one. Lists are only repeated: they shall not wait behind long answers, and a provider whose list is broken may
 * answer all the same.
 */
export function resilient(upstream: Upstream, options: ResilienceOptions): ResilientUpstream {
  const { rules, clock, log, random, onBreaker } = options;
  const { id: provider } = upstream;
  const slots = createSlots({ size: options.maxConcurrent, queue: options.maxQueued });
  const budget = createRetryBudget(clock);
  const breaker = createBreaker({
    provider,
    clock,
    onChange(state) {
      log.warn("provider's breaker changed", { provider, state });
      onBreaker?.(state);
    },
  });

  const repeat = <T>(call: () => Promise<T>, context: CallContext): Promise<T> =>
    withRetry(call, {
      rules,
      budget,
      signal: context.signal,
      random,
      onRetry(error, waitMs) {
        const facts = { provider, waitMs: Math.round(waitMs), status: error.upstreamStatus };
        (context.log ?? log).warn("provider is asked again", { ...facts, error: error.message });
      },
    });

  const attempt = <T>(call: () => Promise<T>, context: CallContext): Promise<T> =>
    repeat(() => breaker.guard(call), context);

  /** The place is kept until the last batch has been read. */
  async function streamed<T>(
    call: () => Promise<AsyncIterable<T>>,
    context: CallContext,
  ): Promise<AsyncIterable<T>> {
    const { signal } = context;
    const release = await slots.take(signal);
    try {
      return releasing(await attempt(call, context), { release, signal });
    } catch (error) {
      release();
      throw error;
    }
  }

  async function whole<T>(call: () => Promise<T>, context: CallContext): Promise<T> {
    const release = await slots.take(context.signal);
    try {
      return await attempt(call, context);
    } finally {
      release();
    }
  }

  const { native } = upstream;
  return {
    id: provider,
    get breaker() {
      return breaker.state;
    },
    get load() {
      return { running: slots.running, waiting: slots.waiting };
    },
    dialect: (modelId, ownedBy) => upstream.dialect(modelId, ownedBy),
    chat: (request, context) => streamed(() => upstream.chat(request, context), context),
    complete: (route, request, context) =>
      streamed(() => upstream.complete(route, request, context), context),
    embed: (request, context) => whole(() => upstream.embed(request, context), context),
    models: (signal) => repeat(() => upstream.models(signal), { signal }),
    servesOthers: upstream.servesOthers === true,
    ...(native && {
      native: (path: string, request: object, context: CallContext) =>
        streamed(() => native(path, request, context), context),
    }),
  };
}

/** Gives the place back when the reader is done, or its client has gone. */
function releasing<T>(
  batches: AsyncIterable<T>,
  { release, signal }: { release: () => void; signal: AbortSignal },
): AsyncIterable<T> {
  signal.addEventListener("abort", release, { once: true });
  const end = () => {
    signal.removeEventListener("abort", release);
    release();
  };
  const iterator = batches[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const result = await iterator.next();
          if (result.done) end();
          return result;
        } catch (error) {
          end();
          throw error;
        }
      },
      async return() {
        end();
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}
