import { randomUUID } from "node:crypto";
import { BridgeError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Measures, Meters } from "./meters.ts";

/** One request on its way through the bridge, and what its log line will say. */
export interface Exchange {
  readonly request: Request;
  /** The client's `x-request-id`, or one of ours. In each log line, and in the answer's headers. */
  readonly id: string;
  /** Without query and token, and as it was meant: "/api/chat". */
  readonly path: string;
  /** Aborts when the client hangs up or the bridge goes down. */
  readonly signal: AbortSignal;
  /** Monotonic milliseconds at arrival. */
  readonly arrivedAt: number;
  /** Writes its id into each line. */
  readonly log: Record<"debug" | "info" | "warn", WriteLine>;
  /** Headers that the answer gets besides its own. */
  readonly headers: Map<string, string>;
  /** Adds to the log line. */
  note(facts: Record<string, unknown>): void;
  /** Adds to what is counted. */
  measure(measures: Measures): void;
  /** Writes the log line and counts; once, when the last byte has been handed over. */
  finish(status: number, end?: { error?: unknown; bytesOut?: number | undefined }): void;
}

type WriteLine = (message: string, facts?: Record<string, unknown>) => void;

export interface ExchangeOptions {
  path: string;
  clock: Clock;
  log: Log;
  meters: Meters;
  /** Aborts when the bridge goes down. */
  stopping: AbortSignal;
  describe: (error: unknown) => string;
}

/** Ours for a client that has gone, as nginx writes it. Nobody receives it. */
const CLIENT_CLOSED = 499;

const REQUEST_ID = /^[\w.:-]{1,128}$/;

export function createExchange(request: Request, options: ExchangeOptions): Exchange {
  const { path, clock, log, meters } = options;
  const arrivedAt = clock.monotonic();
  const offered = request.headers.get("x-request-id") ?? "";
  const id = REQUEST_ID.test(offered) ? offered : randomUUID();
  let facts: Record<string, unknown> = {};
  let measures: Measures = {};
  let finished = false;
  const write =
    (level: "debug" | "info" | "warn") =>
    (message: string, more: Record<string, unknown> = {}) => {
      log[level](message, more, { id });
    };
  return {
    request,
    id,
    path,
    signal: AbortSignal.any([request.signal, options.stopping]),
    arrivedAt,
    log: { debug: write("debug"), info: write("info"), warn: write("warn") },
    headers: new Map([["x-request-id", id]]),
    note: (more) => {
      facts = { ...facts, ...more };
    },
    measure: (more) => {
      measures = { ...measures, ...more };
    },
    finish(status, { error, bytesOut } = {}) {
      if (finished) return;
      finished = true;
      const gone = request.signal.aborted;
      const ms = clock.monotonic() - arrivedAt;
      const bytesIn = request.headers.get("content-length");
      const { promptTokens, completionTokens, cachedTokens, firstTokenMs } = measures;
      const line = {
        route: `${request.method} ${path}`,
        ...facts,
        status: gone ? CLIENT_CLOSED : status,
        ms: Math.round(ms),
        bytesIn: bytesIn === null ? undefined : Number(bytesIn),
        bytesOut,
        firstTokenMs: firstTokenMs === undefined ? undefined : Math.round(firstTokenMs),
        promptTokens,
        completionTokens,
        cachedTokens,
        id,
      };
      meters.record(measures, { ms, failure: gone ? "client_closed" : kindOf(error) });
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

function kindOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof BridgeError ? error.code : "internal";
}
