import { BridgeError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { createCatalog, type Catalog } from "../catalog/catalog.ts";
import { createDiscovery } from "../catalog/discovery.ts";
import { createLoadedModels } from "../catalog/loaded-models.ts";
import {
  createMemoryStore,
  createStoredModels,
  type ModelStore,
} from "../catalog/stored-models.ts";
import { createApp } from "../server/app.ts";
import { createGuard } from "../server/guard.ts";
import { createHabits } from "../server/habits.ts";
import { listen } from "../server/listener.ts";
import { createTurnMemory } from "../server/turn-memory.ts";
import { isLoopbackHost, parseBaseUrl, type BaseUrl } from "../upstream/base-url.ts";
import { createUpstream, type Upstream } from "../upstream/client.ts";
import { createDemoUpstream } from "../upstream/demo.ts";
import { createTransport } from "../upstream/transport.ts";
import { createModelFile } from "./model-file.ts";
import type { ProviderSettings, Settings } from "./settings.ts";

export interface BridgeOptions {
  settings: Settings;
  apiKey: (provider: { id: string; origin: string }) => Promise<string | undefined>;
  accessToken: string | undefined;
  redact: (text: string) => string;
  /** The file in which models that the user made are kept; without one, until the bridge stops. */
  modelFile?: string | undefined;
  clock: Clock;
  log: Log;
}

interface Provider {
  upstream: Upstream;
  /** Absent for the demo model. */
  baseUrl?: BaseUrl;
}

/** Providers with their sockets: what is needed to ask them, with or without a listening port. */
export interface Providers {
  readonly list: Provider[];
  close(): Promise<void>;
}

/** @throws BridgeError `invalid_settings` naming the provider and what is wrong with it */
export function openProviders({ settings, apiKey, redact }: BridgeOptions): Providers {
  const parsed = settings.providers.map((provider) => ({
    provider,
    baseUrl: baseUrlOf(provider, settings),
  }));
  const transport = createTransport(settings.timeouts);
  const list = parsed.map(({ provider: { id }, baseUrl }) => ({
    baseUrl,
    upstream: createUpstream({
      id,
      baseUrl,
      transport,
      redact,
      timeouts: settings.timeouts,
      apiKey: () => apiKey({ id, origin: baseUrl.origin }),
    }),
  }));
  return {
    list: list.length > 0 ? list : [{ upstream: createDemoUpstream() }],
    close: () => transport.close(),
  };
}

function baseUrlOf({ id, baseUrl }: ProviderSettings, settings: Settings): BaseUrl {
  try {
    return parseBaseUrl(baseUrl, settings);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    throw new BridgeError(error.code, `Provider "${id}": ${error.message}`, { cause: error });
  }
}

/** A running bridge: the socket, what answers on it, and what it asks. */
export interface Bridge {
  readonly port: number;
  readonly url: string;
  readonly providers: Provider[];
  readonly catalog: Catalog;
  /** Frees the port at once, lets running answers finish for a while, then cuts them. */
  close(): Promise<void>;
}

/** VS Code gives an extension 5 s, and people are promised 3. */
const DRAIN_MS = 2500;

/** @throws BridgeError `invalid_settings` or `port_taken` */
export async function openBridge(options: BridgeOptions): Promise<Bridge> {
  const { settings, clock, log, accessToken } = options;
  requireLoopback(settings.host);
  const providers = openProviders(options);
  const ending = new AbortController();
  const discoveries = providers.list.map(({ upstream }) =>
    createDiscovery({ upstream, clock, log, signal: ending.signal }),
  );
  const stored = createStoredModels(storeFor(options));
  const catalog = createCatalog(discoveries, stored);
  const app = createApp({
    catalog,
    stored,
    loaded: createLoadedModels(clock),
    turnMemory: createTurnMemory(),
    habitsOf: createHabits(),
    guard: createGuard({ ...settings, accessToken }),
    clock,
    log,
    maxBodyBytes: settings.limits.maxBodyBytes,
    stopping: ending.signal,
  });
  try {
    const listener = await listen({ host: settings.host, port: settings.port, app, log });
    return {
      port: listener.port,
      url: `http://${urlHost(settings.host)}:${listener.port}`,
      providers: providers.list,
      catalog,
      async close() {
        const cut = () => {
          ending.abort(new BridgeError("stopping", "Llama Bridge is stopping."));
        };
        await listener.close({ drainMs: DRAIN_MS, cut });
        cut();
        await providers.close();
      },
    };
  } catch (error) {
    await providers.close();
    throw error;
  }
}

function storeFor({ modelFile, log }: BridgeOptions): ModelStore {
  return modelFile === undefined ? createMemoryStore() : createModelFile(modelFile, log);
}

function requireLoopback(host: string): void {
  if (isLoopbackHost(urlHost(host))) return;
  throw new BridgeError(
    "invalid_settings",
    `"host" is ${JSON.stringify(host)}, which other machines could reach. Use 127.0.0.1.`,
  );
}

/** IPv6 addresses stand in brackets in URLs. */
function urlHost(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
