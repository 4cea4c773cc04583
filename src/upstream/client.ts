import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { BridgeError } from "../base/errors.ts";
import type { Dialect, Quirks } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import type { BaseUrl } from "./base-url.ts";
import { COMPLETION_PATHS, isElsewhere, join, keyHeader, readUpTo, toCall } from "./http-call.ts";
import { chatEvents } from "./chat-events.ts";
import { dialectFor } from "./dialects.ts";
import { parseEmbeddings } from "./embeddings.ts";
import { failureFromException, failureFromResponse } from "./failure.ts";
import { fromFirstWord } from "./first-word.ts";
import { listModels } from "./model-list.ts";
import { nativeAnswers, type NativeAnswer } from "./native.ts";
import { presetOf, type Auth, type PresetName } from "./presets.ts";
import type { Transport, TransportReply } from "./transport.ts";
import { createWatchdog, type TimeLimits, type Watchdog } from "./watchdog.ts";

/** One provider, however it is reached. Every failure is a BridgeError; so is the end that `signal` brings. */
export interface Upstream {
  /** The provider's id from the settings. */
  readonly id: string;
  /** How to speak to one of its models. */
  dialect(modelId: string, ownedBy?: string): Dialect;
  /**
   * Resolves when the first word of the answer is there, or it has ended; then the batches in which its events
   * arrive. A failure before that rejects.
   */
  chat(
    request: openai.ChatRequest,
    context: CallContext,
  ): Promise<AsyncIterable<openai.ChatEvent[]>>;
  /** The same for a prompt without roles, on one of the routes for it. */
  complete(
    route: openai.CompletionRoute,
    request: openai.CompletionRequest | openai.InfillRequest,
    context: CallContext,
  ): Promise<AsyncIterable<openai.ChatEvent[]>>;
  /** One vector for each input, in their order. */
  embed(request: openai.EmbeddingRequest, context: CallContext): Promise<openai.Embeddings>;
  models(signal: AbortSignal): Promise<openai.Model[]>;
  /** It serves models that it does not list. */
  readonly servesOthers?: boolean;
  /**
   * Of a real Ollama: a request to one of its own routes, as it came, and its answer, object by object. Resolves
   * with the first of them.
   *
   * @param path such as `/api/chat`
   */
  readonly native?: (
    path: string,
    request: object,
    context: CallContext,
  ) => Promise<AsyncIterable<NativeAnswer[]>>;
}

/** For whom a call is made. */
export interface CallContext {
  signal: AbortSignal;
  /** Where it is told that the call is made again; its lines name the client's request. */
  log?: { warn(message: string, facts: Record<string, unknown>): void };
}

/** Milliseconds. */
interface ProviderTimeouts {
  connectMs: number;
  firstByteMs: number;
  embedFirstByteMs: number;
  listFirstByteMs: number;
  idleMs: number;
  totalMs: number;
}

export interface UpstreamOptions {
  id: string;
  baseUrl: BaseUrl;
  preset?: PresetName | undefined;
  /** The user's own, sent with every call. */
  headers?: Record<string, string> | undefined;
  quirks?: ((modelId: string) => Quirks) | undefined;
  /** Models that no list has. */
  modelIds?: readonly string[] | undefined;
  apiKey: () => Promise<string | undefined>;
  transport: Transport;
  timeouts: Omit<ProviderTimeouts, "connectMs">;
  clock: Clock;
  /** Takes keys out of the provider's own texts. */
  redact: (text: string) => string;
}

const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** Models whose dialect is not looked up again. */
const MAX_DIALECTS = 500;

interface Call {
  limits: TimeLimits;
  signal: AbortSignal;
  body?: string;
  /** Where the key goes, if not where the preset says. */
  auth?: Auth | undefined;
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { id, timeouts, redact, preset, quirks } = options;
  const known = preset === undefined ? undefined : presetOf(preset);
  const dialects = new LRUCache<string, Dialect>({ max: MAX_DIALECTS });
  const { query } = options.baseUrl;
  /** Where the API begins. Of a host alone that is found out by the first call. */
  const { url: given, isBare } = options.baseUrl;
  let root = given;
  let isFound = !isBare;

  async function send(
    path: string,
    call: Call,
  ): Promise<{ reply: TransportReply; watchdog: Watchdog }> {
    const { limits, signal, body, auth = known?.auth ?? "bearer" } = call;
    const watchdog = createWatchdog(limits, { signal, provider: id });
    try {
      const key = await options.apiKey();
      const headers = { ...known?.headers, ...options.headers, ...keyHeader(auth, key) };
      const sendTo = (base: string) =>
        options.transport.send({
          ...toCall(join(base, path) + query, { headers, body }),
          signal: watchdog.signal,
        });
      const tried = root;
      let reply = await sendTo(tried);
      // Another call may have found it meanwhile.
      const mayBeBelow = isBare && tried === given && (!isFound || root !== given);
      if (mayBeBelow && isElsewhere(reply)) {
        await readUpTo(reply.body, MAX_ERROR_BYTES);
        reply = await sendTo(`${given}/v1`);
        if (!isElsewhere(reply)) root = `${given}/v1`;
      }
      isFound ||= !isElsewhere(reply);
      if (reply.status !== 200) throw await refusal(reply, options, key !== undefined);
      return { reply, watchdog };
    } catch (error) {
      watchdog.stop();
      throw failureFromException(error, id);
    }
  }

  async function sendChat(
    path: string,
    request: { stream: boolean },
    signal: AbortSignal,
  ): Promise<AsyncIterable<openai.ChatEvent[]>> {
    const limits = request.stream ? { ...timeouts, totalMs: undefined } : timeouts;
    const { reply, watchdog } = await send(path, { limits, signal, body: JSON.stringify(request) });
    return await fromFirstWord(chatEvents(reply.body, { provider: id, redact, watchdog }));
  }

  async function sendWhole<T>(
    path: string,
    { parse, ...call }: Call & { parse: (text: string) => T },
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
      const spoken =
        dialects.get(key) ?? dialectFor({ preset, modelId, ownedBy, quirks: quirks?.(modelId) });
      dialects.set(key, spoken);
      return spoken;
    },
    chat: (request, { signal }) => sendChat("/chat/completions", request, signal),
    complete: (route, request, { signal }) => sendChat(COMPLETION_PATHS[route], request, signal),
    embed: (request, { signal }) =>
      sendWhole("/embeddings", {
        limits: {
          ...timeouts,
          firstByteMs: timeouts.embedFirstByteMs,
          setting: "embedFirstByteMs",
        },
        signal,
        body: JSON.stringify(request),
        parse: (text) =>
          parseEmbeddings(text, { provider: id, inputs: request.input.length, redact }),
      }),
    models: (signal) =>
      listModels({
        provider: id,
        list: known?.list ?? { paths: ["/models"] },
        isOllama: preset === "ollama",
        ids: [...(options.modelIds ?? []), ...deploymentIn(root)],
        get: (path, auth) =>
          sendWhole(path, {
            limits: {
              ...timeouts,
              firstByteMs: timeouts.listFirstByteMs,
              setting: "listFirstByteMs",
            },
            signal,
            auth,
            parse: (text) => text,
          }),
      }),
    servesOthers: known?.list.paths.length === 0,
    ...(preset === "ollama" && {
      async native(path: string, request: object, { signal }: CallContext) {
        const limits = nativeLimits(path, request, timeouts);
        const body = JSON.stringify(request);
        const { reply, watchdog } = await send(`/..${path}`, { limits, signal, body });
        return await nativeAnswers(reply.body, { provider: id, redact, watchdog });
      },
    }),
  };
}

/** Ollama's own routes stream unless they are told not to; vectors and facts come in one piece. */
function nativeLimits(
  path: string,
  request: { stream?: unknown },
  timeouts: UpstreamOptions["timeouts"],
): TimeLimits {
  if (path.startsWith("/api/embed")) {
    return { ...timeouts, firstByteMs: timeouts.embedFirstByteMs, setting: "embedFirstByteMs" };
  }
  if (path === "/api/show") {
    return { ...timeouts, firstByteMs: timeouts.listFirstByteMs, setting: "listFirstByteMs" };
  }
  return request.stream === false ? timeouts : { ...timeouts, totalMs: undefined };
}

/** Azure's older URLs name the one model that is behind them. */
function deploymentIn(url: string): string[] {
  const name = /\/deployments\/([^/]+)$/.exec(url)?.[1];
  return name === undefined ? [] : [decodeURIComponent(name)];
}

async function refusal(
  { status, headers, body }: TransportReply,
  { id, redact, clock }: UpstreamOptions,
  hadKey: boolean,
): Promise<BridgeError> {
  const { text } = await readUpTo(body, MAX_ERROR_BYTES);
  return failureFromResponse({
    status,
    body: text,
    headers,
    provider: id,
    hadKey,
    redact,
    now: clock.wall(),
  });
}
