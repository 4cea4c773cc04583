import { LRUCache } from "lru-cache";
import type { Dialect } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import type { BaseUrl } from "./base-url.ts";
import { BridgeError } from "../base/errors.ts";
import { chatEvents } from "./chat-events.ts";
import { dialectFor } from "./dialects.ts";
import { parseEmbeddings } from "./embeddings.ts";
import { failureFromException, failureFromResponse } from "./failure.ts";
import { parseModels } from "./models.ts";
import type { Transport, TransportCall, TransportReply } from "./transport.ts";
import { createWatchdog, type TimeLimits, type Watchdog } from "./watchdog.ts";

/** One provider, however it is reached. Every failure is a BridgeError; so is the end that `signal` brings. */
export interface Upstream {
  /** The provider's id from the settings. */
  readonly id: string;
  /** How to speak to one of its models. */
  dialect(modelId: string, ownedBy?: string): Dialect;
  /** Resolves when the provider has answered with success; then the batches in which its events arrive. */
  chat(
    request: openai.ChatRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<openai.ChatEvent[]>>;
  /** The same for a prompt without roles, on one of the routes for it. */
  complete(
    route: openai.CompletionRoute,
    request: openai.CompletionRequest | openai.InfillRequest,
    signal: AbortSignal,
  ): Promise<AsyncIterable<openai.ChatEvent[]>>;
  /** One vector for each input, in their order. */
  embed(request: openai.EmbeddingRequest, signal: AbortSignal): Promise<openai.Embeddings>;
  models(signal: AbortSignal): Promise<openai.Model[]>;
}

export interface UpstreamOptions {
  id: string;
  baseUrl: BaseUrl;
  apiKey: () => Promise<string | undefined>;
  transport: Transport;
  timeouts: { firstByteMs: number; idleMs: number; totalMs: number };
  /** Takes keys out of the provider's own texts. */
  redact: (text: string) => string;
}

/** A model list answers fast or not at all. */
const LIST_FIRST_BYTE_MS = 30_000;

const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** Models whose dialect is not looked up again. */
const MAX_DIALECTS = 500;

export function createUpstream(options: UpstreamOptions): Upstream {
  const { id, timeouts, redact } = options;

  const host = new URL(options.baseUrl.origin).hostname;
  const dialects = new LRUCache<string, Dialect>({ max: MAX_DIALECTS });

  async function send(
    path: string,
    { limits, signal, body }: { limits: TimeLimits; signal: AbortSignal; body?: string },
  ): Promise<{ reply: TransportReply; watchdog: Watchdog }> {
    const watchdog = createWatchdog(limits, { signal, provider: id });
    try {
      const key = await options.apiKey();
      const call = toCall(options.baseUrl, path, { key, body });
      const reply = await options.transport.send({ ...call, signal: watchdog.signal });
      if (reply.status !== 200) throw await refusal(reply, options, key !== undefined);
      return { reply, watchdog };
    } catch (error) {
      watchdog.stop();
      throw failureFromException(error, id);
    }
  }

  async function sendStreamed(
    path: string,
    request: { stream: boolean },
    signal: AbortSignal,
  ): Promise<AsyncIterable<openai.ChatEvent[]>> {
    const limits = { ...timeouts, totalMs: request.stream ? undefined : timeouts.totalMs };
    const body = JSON.stringify(request);
    const { reply, watchdog } = await send(path, { limits, signal, body });
    return chatEvents(reply.body, { provider: id, redact, watchdog });
  }

  async function sendWhole<T>(
    path: string,
    {
      parse,
      ...call
    }: {
      limits: TimeLimits;
      signal: AbortSignal;
      body?: string;
      parse: (text: string) => T;
    },
  ): Promise<T> {
    const { reply, watchdog } = await send(path, call);
    try {
      const { text, complete } = await readUpTo(reply.body, MAX_WHOLE_BYTES);
      if (complete) return parse(text);
      throw new BridgeError("upstream_failed", `${id}: the answer to ${path} is too long.`);
    } catch (error) {
      throw failureFromException(error, id);
    } finally {
      watchdog.stop();
    }
  }

  return {
    id,
    dialect(modelId, ownedBy) {
      const key = `${ownedBy ?? ""} ${modelId}`;
      const known = dialects.get(key) ?? dialectFor({ host, modelId, ownedBy });
      dialects.set(key, known);
      return known;
    },
    chat: (request, signal) => sendStreamed("/chat/completions", request, signal),
    complete: (route, request, signal) => sendStreamed(COMPLETION_PATHS[route], request, signal),
    embed: (request, signal) =>
      sendWhole("/embeddings", {
        limits: timeouts,
        signal,
        body: JSON.stringify(request),
        parse: (text) =>
          parseEmbeddings(text, { provider: id, inputs: request.input.length, redact }),
      }),
    models: (signal) =>
      sendWhole("/models", {
        limits: { ...timeouts, firstByteMs: Math.min(timeouts.firstByteMs, LIST_FIRST_BYTE_MS) },
        signal,
        parse: (text) => parseModels(text, id),
      }),
  };
}

/** Below the base URL; DeepSeek's and llama.cpp's are beside its version segment. */
const COMPLETION_PATHS: Record<openai.CompletionRoute, string> = {
  completions: "/completions",
  fim: "/fim/completions",
  beta: "/../beta/completions",
  infill: "/../infill",
};

function toCall(
  { url, query }: BaseUrl,
  path: string,
  { key, body }: { key: string | undefined; body: string | undefined },
): Omit<TransportCall, "signal"> {
  const headers: Record<string, string> = {
    accept: body === undefined ? "application/json" : "text/event-stream, application/json",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  };
  const call = { url: join(url, path) + query, headers };
  return body === undefined ? { ...call, method: "GET" } : { ...call, method: "POST", body };
}

/** `/..` leaves the version segment, where the base URL ends in one. */
function join(url: string, path: string): string {
  if (!path.startsWith("/../")) return url + path;
  return url.replace(/\/(v\d+\w*|beta)$/, "") + path.slice("/..".length);
}

async function refusal(
  { status, headers, body }: TransportReply,
  { id, redact }: UpstreamOptions,
  hadKey: boolean,
): Promise<BridgeError> {
  const { text } = await readUpTo(body, MAX_ERROR_BYTES);
  return failureFromResponse({
    status,
    body: text,
    retryAfter: retryAfterIn(single(headers["retry-after"])),
    location: single(headers["location"]),
    provider: id,
    hadKey,
    redact,
  });
}

/** Seconds or an HTTP date; it becomes a header of ours, so nothing else may. */
function retryAfterIn(value: string | undefined): string | undefined {
  return value !== undefined && /^\d{1,9}$|^[A-Za-z]{3}, [\w: ]{1,30} GMT$/.test(value)
    ? value
    : undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The body as text, or its start if it is longer. */
async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ text: string; complete: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of body) {
    pieces.push(bytes);
    size += bytes.length;
    if (size > maxBytes) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(pieces).subarray(0, maxBytes));
  return { text, complete: size <= maxBytes };
}
