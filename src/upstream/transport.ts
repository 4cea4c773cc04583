import Agent from "undici/lib/dispatcher/agent.js";
import type { Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";

export interface TransportCall {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

export interface TransportReply {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /**
   * A cut connection throws and is never a clean end. Leaving early drains what is left for a moment, so
   * that the connection can be used again; to drop it at once, abort the call's signal.
   */
  body: AsyncIterable<Uint8Array>;
}

/** HTTP out. Redirects are not followed and compression is not asked for. */
export interface Transport {
  send(call: TransportCall): Promise<TransportReply>;
  /** Ends what runs and closes the sockets. */
  close(): Promise<void>;
}

const MAX_CONNECTIONS_PER_ORIGIN = 100;

/** Beyond so many calls at once, connections close after their call instead of staying idle. */
const MAX_IDLE_PER_ORIGIN = 20;

/** Provider edges close at about 30 s; we are first, so that no call meets a socket that is just closing. */
const KEEP_ALIVE_MS = 25_000;

/** The only sockets to providers, pooled per origin. Time limits but for connecting are the caller's signal. */
export function createTransport({ connectMs }: { connectMs: number }): Transport {
  const agent = new Agent({
    connections: MAX_CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectMs },
  });
  const kept = new Map<string, number>();

  return {
    async send({ method, url, headers, body, signal }) {
      const { origin, pathname, search } = new URL(url);
      const running = kept.get(origin) ?? 0;
      const reset = running >= MAX_IDLE_PER_ORIGIN;
      if (!reset) kept.set(origin, running + 1);
      let released = reset;
      const release = () => {
        if (!released) kept.set(origin, (kept.get(origin) ?? 1) - 1);
        released = true;
      };
      try {
        const reply = await request.call(agent, {
          origin,
          path: pathname + search,
          method,
          headers,
          signal,
          reset,
          ...(body !== undefined && { body }),
        });
        reply.body.once("close", release);
        return { status: reply.statusCode, headers: reply.headers, body: draining(reply.body) };
      } catch (error) {
        release();
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

const DRAIN_MS = 1000;

function draining(body: Dispatcher.ResponseData["body"]): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
      return {
        next: () => iterator.next(),
        async return() {
          await iterator.return?.();
          const limits = { limit: Number.MAX_SAFE_INTEGER, signal: AbortSignal.timeout(DRAIN_MS) };
          body.dump(limits).catch(() => undefined);
          return { done: true, value: undefined };
        },
      };
    },
  };
}
