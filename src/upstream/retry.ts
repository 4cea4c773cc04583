import { DelegateBackoff, handleWhen, retry, type RetryPolicy } from "cockatiel";
import type { Clock } from "../base/clock.ts";
import { orAborted } from "../base/abort.ts";
import { BridgeError } from "../base/errors.ts";

export interface RetryRules {
  /** All attempts, the first one included. */
  attempts: number;
  /** Milliseconds before the second attempt, at most; doubled for each further one. */
  baseDelayMs: number;
  maxDelayMs: number;
  /** Longest wait that a provider's own word is followed for, in milliseconds. */
  maxRetryAfterMs: number;
  /** Milliseconds that the waits of one call may take together. */
  maxWaitMs: number;
}

export type Decision =
  | { kind: "give up" }
  /** The connection had been closed while it was idle: not the provider's fault, and not an attempt. */
  | { kind: "at once" }
  /** `waitMs` is the provider's own word; without it, the backoff's. */
  | { kind: "later"; waitMs?: number };

const TRANSIENT = new Set([408, 409, 425, 429, 498, 500, 502, 503, 504, 529]);

/** Cloudflare's, of a server that it cannot reach. */
const isEdge = (status: number) => 520 <= status && status <= 524;

/** Whether a call that failed before its first byte may be made again. */
export function decideRetry(error: unknown, isFirstAttempt: boolean): Decision {
  if (!(error instanceof BridgeError)) return { kind: "give up" };
  const { upstreamStatus: status, connection, advice, code } = error;
  if (connection === "cut") return { kind: isFirstAttempt ? "at once" : "later" };
  if (connection === "none") return { kind: "later" };
  if (status === undefined || code === "upstream_quota_exceeded") return { kind: "give up" };
  if (advice.shouldRetry === false || code === "context_overflow") return { kind: "give up" };
  if (!TRANSIENT.has(status) && !isEdge(status) && advice.shouldRetry !== true) {
    return { kind: "give up" };
  }
  const { waitMs } = advice;
  return { kind: "later", ...(waitMs !== undefined && { waitMs }) };
}

/** How many of the recent calls may be repeated; a provider that is down is not asked twice as often. */
export interface RetryBudget {
  /** A call is made for the first time. */
  deposit(): void;
  /** @returns whether one more may be repeated */
  withdraw(): boolean;
}

const BUDGET_SHARE = 0.2;
const BUDGET_MIN = 3;
const BUDGET_WINDOW_MS = 60_000;

export function createRetryBudget(clock: Clock): RetryBudget {
  let calls: number[] = [];
  let repeats: number[] = [];
  const recent = (times: number[]) => {
    const oldest = clock.monotonic() - BUDGET_WINDOW_MS;
    return times.filter((time) => time > oldest);
  };
  return {
    deposit() {
      calls = [...recent(calls), clock.monotonic()];
    },
    withdraw() {
      repeats = recent(repeats);
      const allowed = Math.max(BUDGET_MIN, BUDGET_SHARE * recent(calls).length);
      if (repeats.length >= allowed) return false;
      repeats.push(clock.monotonic());
      return true;
    },
  };
}

export interface RetryOptions {
  rules: RetryRules;
  budget: RetryBudget;
  signal: AbortSignal;
  /** 0 to 1, for full jitter. */
  random: () => number;
  onRetry: (error: BridgeError, waitMs: number) => void;
}

/**
 * Makes a call until it works, may not be repeated, or was repeated often enough.
 *
 * @throws BridgeError the last failure, or what `signal` was aborted with: waiting ends with the client
 */
export async function withRetry<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { budget, signal } = options;
  budget.deposit();
  let first: Error | undefined;
  try {
    return await call();
  } catch (error) {
    first = error as Error;
  }
  const attempt = () => {
    signal.throwIfAborted();
    if (!first) return call();
    const failure = first;
    first = undefined;
    throw failure;
  };
  const repeated = policyFor(options).execute(attempt);
  // Who has left does not hear how the last attempt ended.
  repeated.catch(() => undefined);
  return await orAborted(repeated, signal);
}

/** One call's: it counts that call's waits. */
function policyFor({ rules, budget, signal, random, onRetry }: RetryOptions): RetryPolicy {
  let attempts = 0;
  let isFirst = true;
  let waited = 0;
  let wait = 0;

  const mayRetry = (error: Error): boolean => {
    attempts++;
    const decision = decideRetry(error, isFirst);
    if (decision.kind === "give up" || signal.aborted) return false;
    const isFree = decision.kind === "at once";
    isFirst = false;
    if (isFree) attempts--;
    wait = isFree ? 0 : waitFor(decision, { rules, attempts, random });
    if (attempts >= rules.attempts || wait > rules.maxRetryAfterMs) return false;
    if (waited + wait > rules.maxWaitMs || !budget.withdraw()) return false;
    waited += wait;
    if (error instanceof BridgeError) onRetry(error, wait);
    return true;
  };

  return retry(handleWhen(mayRetry), {
    // One more than the rules say: a connection that was stale is not an attempt.
    maxAttempts: rules.attempts,
    backoff: new DelegateBackoff(() => wait),
  });
}

function waitFor(
  { waitMs }: Extract<Decision, { kind: "later" }>,
  { rules, attempts, random }: { rules: RetryRules; attempts: number; random: () => number },
): number {
  if (waitMs !== undefined) return waitMs;
  return random() * Math.min(rules.maxDelayMs, rules.baseDelayMs * 2 ** (attempts - 1));
}
