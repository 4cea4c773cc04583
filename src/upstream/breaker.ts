import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleAll,
  type CircuitBreakerPolicy,
} from "cockatiel";
import type { Clock } from "../base/clock.ts";
import { BridgeError } from "../base/errors.ts";

/** Whether a provider is asked at all: `open` after many failures in a row, `half-open` while one call finds out. */
export type BreakerState = "closed" | "open" | "half-open";

/** Keeps calls away from a provider that fails every one of them. */
export interface Breaker {
  readonly state: BreakerState;
  /**
   * @throws BridgeError `upstream_unavailable` without a call, while the provider is left alone; else the call's own
   */
  guard<T>(call: () => Promise<T>): Promise<T>;
}

const FAILURES = 5;
const PROBE_AFTER_MS = 15_000;

export interface BreakerOptions {
  provider: string;
  clock: Clock;
  onChange: (state: BreakerState) => void;
}

export function createBreaker({ provider, clock, onChange }: BreakerOptions): Breaker {
  const policy: CircuitBreakerPolicy = circuitBreaker(handleAll, {
    halfOpenAfter: PROBE_AFTER_MS,
    breaker: new ConsecutiveBreaker(FAILURES),
  });
  let openedAt = 0;
  let lastFailure: BridgeError | undefined;
  policy.onStateChange((state) => {
    if (state === CircuitState.Open) openedAt = clock.monotonic();
    onChange(STATES[state] ?? "closed");
  });

  function refuse(): never {
    const seconds = Math.max(1, Math.ceil((openedAt + PROBE_AFTER_MS - clock.monotonic()) / 1000));
    const message = `${provider}: failed ${FAILURES} times in a row and is left alone for ${seconds} s more.`;
    throw new BridgeError(
      "upstream_unavailable",
      lastFailure ? `${message} The last time: ${lastFailure.message}` : message,
      { retryAfter: String(seconds), cause: lastFailure },
    );
  }

  return {
    get state() {
      return STATES[policy.state] ?? "closed";
    },
    async guard(call) {
      // Whoever comes while one call finds out does not wait for it: that may take minutes.
      if (policy.state === CircuitState.HalfOpen) refuse();
      let isAsked = false;
      const outcome = await policy
        .execute(async () => {
          isAsked = true;
          return await call().then(
            (value) => ({ value }),
            (error: unknown) => {
              if (!isDown(error)) return { error };
              lastFailure = error;
              throw error;
            },
          );
        })
        .catch((error: unknown) => (isAsked ? { error } : refuse()));
      if ("error" in outcome) throw outcome.error;
      return outcome.value;
    },
  };
}

const STATES: Partial<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half-open",
};

/** No connection, no answer in time, or the provider's own 5xx; never what was wrong with one request. */
function isDown(error: unknown): error is BridgeError {
  if (!(error instanceof BridgeError)) return false;
  const { upstreamStatus: status, connection, code } = error;
  // llama.cpp answers 500 to a prompt that is too long, and 501 to what it was not started with.
  if (code === "context_overflow" || status === 501) return false;
  if (connection !== undefined) return true;
  return status === undefined ? code === "upstream_timeout" : status >= 500;
}
