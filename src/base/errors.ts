import { inspect } from "node:util";

/**
 * Every reason for which the bridge refuses or fails, as told to clients and users.
 * `server/reply.ts` gives each its HTTP status; a code without one does not compile.
 */
export type BridgeErrorCode =
  /** The request is not what the route takes. */
  | "invalid_request"
  /** An entry of `options` has the wrong type; Ollama answers 500 to that. */
  | "invalid_option"
  | "model_not_found"
  /** Several providers have a model of this name. */
  | "model_ambiguous"
  /** The prompt has more tokens than the model's context. */
  | "context_overflow"
  /** More requests wait for a provider than may. */
  | "too_many_waiting"
  /** Pull or create went wrong behind its first step; Ollama answers 500 where no lines are wanted. */
  | "failed_on_the_way"
  /** The file of the user's own models cannot be written. */
  | "not_stored"
  /** Ollama keeps it on its disk; the bridge has none. */
  | "not_here"
  /** Ollama's accounts, which nobody has here. */
  | "not_signed_in"
  /** Ollama's cloud, which is not behind the bridge. */
  | "cloud_disabled"
  | "body_too_large"
  /** Host, Origin or Sec-Fetch-Site say that a web page asks. */
  | "forbidden"
  /** The bridge's own access token is missing or wrong. */
  | "access_denied"
  /** The bridge is on its way down. */
  | "stopping"
  | "upstream_rejected"
  | "upstream_unauthorized"
  | "upstream_payment_required"
  | "upstream_forbidden"
  | "upstream_not_found"
  | "upstream_too_large"
  | "upstream_rate_limited"
  /** The account has nothing left to spend: waiting does not help. */
  | "upstream_quota_exceeded"
  /** No connection, a broken answer, or the provider's own 5xx. */
  | "upstream_failed"
  | "upstream_unavailable"
  | "upstream_timeout"
  /** A setting, a command line or a config file is wrong. */
  | "invalid_settings"
  | "port_taken"
  /** A bug of ours; what it was is in the log. */
  | "internal";

export interface BridgeErrorOptions {
  cause?: unknown;
  /** The HTTP status that the provider sent, if it sent one. */
  upstreamStatus?: number | undefined;
  /** The provider's `Retry-After`, verbatim: seconds or an HTTP date. */
  retryAfter?: string | undefined;
  /** What the provider said about trying again. */
  advice?: RetryAdvice | undefined;
  /** How a connection failed: none was made, or it was cut before a byte of the answer. */
  connection?: "none" | "cut" | undefined;
  /** Of `context_overflow`: what the provider told of it. */
  overflow?: Overflow | undefined;
}

export interface RetryAdvice {
  /** Milliseconds until it makes sense. */
  waitMs?: number | undefined;
  /** Whether it makes sense at all. */
  shouldRetry?: boolean | undefined;
}

/** Numbers of tokens. */
export interface Overflow {
  limit?: number | undefined;
  prompt?: number | undefined;
}

/** The extension is built as several files, each with a class of its own; the mark makes them one. */
const MARK = Symbol.for("llama-bridge.BridgeError");

/** An expected failure. Its message names the thing and the remedy and is safe to show: it holds no key. */
export class BridgeError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && MARK in value;
  }

  readonly [MARK] = true;
  override readonly name = "BridgeError";
  readonly code: BridgeErrorCode;
  readonly upstreamStatus: number | undefined;
  readonly retryAfter: string | undefined;
  readonly advice: RetryAdvice;
  readonly connection: "none" | "cut" | undefined;
  readonly overflow: Overflow | undefined;

  constructor(code: BridgeErrorCode, message: string, options: BridgeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.upstreamStatus = options.upstreamStatus;
    this.retryAfter = options.retryAfter;
    this.advice = options.advice ?? {};
    this.connection = options.connection;
    this.overflow = options.overflow;
  }
}

/** The messages of an error and of all its causes, outermost first, in one line. */
export function describeCauses(error: unknown): string {
  const messages: string[] = [];
  for (let current = error; current !== undefined && messages.length < 8;) {
    messages.push(
      current instanceof Error ? `${current.name}: ${current.message}` : describeThrown(current),
    );
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages.join(" <- ");
}

/** JavaScript can throw anything: what JSON cannot write must not throw again here. */
function describeThrown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return inspect(value, { depth: 1, breakLength: Infinity });
}
