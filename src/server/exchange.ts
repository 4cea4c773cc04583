import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";

/** One request on its way through the bridge, and what its log line will say. */
export interface Exchange {
  readonly request: Request;
  /** Without query and token, and as it was meant: "/api/chat". */
  readonly path: string;
  /** Aborts when the client hangs up or the bridge goes down. */
  readonly signal: AbortSignal;
  /** Monotonic milliseconds at arrival. */
  readonly arrivedAt: number;
  /** Adds to the log line. */
  note(facts: Record<string, unknown>): void;
  /** Writes the log line; once, when the last byte has been handed over. */
  finish(status: number, error?: unknown): void;
}

export interface ExchangeOptions {
  path: string;
  clock: Clock;
  log: Log;
  /** Aborts when the bridge goes down. */
  stopping: AbortSignal;
  describe: (error: unknown) => string;
}

/** Ours for a client that has gone, as nginx writes it. Nobody receives it. */
const CLIENT_CLOSED = 499;

export function createExchange(request: Request, options: ExchangeOptions): Exchange {
  const { path, clock, log } = options;
  const arrivedAt = clock.monotonic();
  let facts: Record<string, unknown> = {};
  let finished = false;
  return {
    request,
    path,
    signal: AbortSignal.any([request.signal, options.stopping]),
    arrivedAt,
    note: (more) => {
      facts = { ...facts, ...more };
    },
    finish(status, error) {
      if (finished) return;
      finished = true;
      const gone = request.signal.aborted;
      const line = {
        route: `${request.method} ${path}`,
        ...facts,
        status: gone ? CLIENT_CLOSED : status,
        ms: Math.round(clock.monotonic() - arrivedAt),
      };
      if (gone) log.info("client hung up", line);
      else if (error === undefined) log.info("request done", line);
      else {
        const failed = { ...line, error: options.describe(error) };
        // A mistake of the client's is a warning; ours, the provider's, or a broken stream is an error.
        if (400 <= status && status < 500) log.warn("request refused", failed);
        else log.error("request failed", failed);
      }
    },
  };
}
