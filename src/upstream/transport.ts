import type { Dispatcher } from "undici";
import request from "undici/lib/api/api-request.js";
import Agent from "undici/lib/dispatcher/agent.js";

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

/** Connections to one origin that may wait idle for the next call. */
const KEPT_PER_ORIGIN = 20;

/** Further ones for a rush; they close soon after it. Together 100. */
const EXTRA_PER_ORIGIN = 80;

/** Provider edges close at about 30 s; we are first, so that no call meets a socket that is just closing. */
const KEPT_IDLE_MS = 25_000;
const EXTRA_IDLE_MS = 1000;

/** The only sockets to providers, pooled per origin. Time limits but for connecting are the caller's signal. */
export function createTransport({ connectMs }: { connectMs: number }): Transport {
  const kept = createAgent({ connections: KEPT_PER_ORIGIN, idleMs: KEPT_IDLE_MS, connectMs });
  const extra = createAgent({ connections: EXTRA_PER_ORIGIN, idleMs: EXTRA_IDLE_MS, connectMs });
  /** Calls under way on the kept connections, by origin. */
  const running = new Map<string, number>();

  return {
    async send({ method, url, headers, body, signal }) {
      const { origin, pathname, search } = new URL(url);
      const count = running.get(origin) ?? 0;
      const isKept = count < KEPT_PER_ORIGIN;
      const release = () => {
        if (isKept) running.set(origin, (running.get(origin) ?? 1) - 1);
      };
      if (isKept) running.set(origin, count + 1);
      try {
        const reply = await request.call(isKept ? kept : extra, {
          origin,
          path: pathname + search,
          method,
          headers,
          signal,
          ...(body !== undefined && { body }),
        });
        reply.body.once("close", release);
        return { status: reply.statusCode, headers: reply.headers, body: draining(reply.body) };
      } catch (error) {
        release();
        throw error;
      }
    },
    async close() {
      await Promise.all([kept.destroy(), extra.destroy()]);
    },
  };
}

function createAgent({
  connections,
  idleMs,
  connectMs,
}: {
  connections: number;
  idleMs: number;
  connectMs: number;
}): Agent {
  return new Agent({
    connections,
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectMs },
  });
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
