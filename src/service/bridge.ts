import { join } from "node:path";
import { BridgeError } from "../base/errors.ts";
import { createAliasSettings } from "../catalog/aliases.ts";
import { createCatalog, type Catalog } from "../catalog/catalog.ts";
import { createDiscovery, type Discovery } from "../catalog/discovery.ts";
import { globs } from "../catalog/globs.ts";
import { createLoadedModels } from "../catalog/loaded-models.ts";
import { createIsShown } from "../catalog/shown.ts";
import {
  createMemoryStore,
  createStoredModels,
  type ModelStore,
} from "../catalog/stored-models.ts";
import { createAnswerCache } from "../server/answer-cache.ts";
import { createApp } from "../server/app.ts";
import { createGuard } from "../server/guard.ts";
import { createHabits } from "../server/habits.ts";
import { listen } from "../server/listener.ts";
import { createMeters, type Snapshot } from "../server/meters.ts";
import { createTurnMemory } from "../server/turn-memory.ts";
import { isLoopbackHost } from "../upstream/base-url.ts";
import { createListFile, createListMemory, type ListStore } from "./list-file.ts";
import { createModelFile } from "./model-file.ts";
import {
  openProviders,
  type Provider,
  type Providers,
  type ProvidersOptions,
} from "./providers.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { toStatus } from "./status.ts";

export interface BridgeOptions extends ProvidersOptions {
  accessToken: string | undefined;
  /** The folder in which the user's own models and the last lists are kept; without one, until the bridge stops. */
  stateFolder?: string | undefined;
  /** Where the user's own models are, if not in that folder. */
  modelFile?: string | undefined;
  /** Prometheus' text of the meters, where the host serves it. */
  toMetrics?: ((snapshot: Snapshot) => Promise<string>) | undefined;
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
  const { settings, clock, log, accessToken, toMetrics } = options;
  requireLoopback(settings.host);
  const providers = openProviders(options);
  requireOthers(providers, settings.port);
  const ending = new AbortController();
  const stored = createStoredModels(modelStoreFor(options));
  const catalog = createCatalog({
    discoveries: await openDiscoveries(providers, { ...options, signal: ending.signal }),
    stored,
    aliases: createAliasSettings(settings.aliases),
    isShown: createIsShown(settings.models),
  });
  const meters = createMeters(clock);
  const status = () => toStatus({ meters: meters.snapshot(), providers: providers.list });
  const app = createApp({
    catalog,
    stored,
    loaded: createLoadedModels(clock),
    turnMemory: createTurnMemory(),
    habitsOf: createHabits(),
    cache: createAnswerCache({ ...settings.cache, clock }),
    meters,
    status,
    metrics: toMetrics && (() => toMetrics(meters.snapshot())),
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

async function openDiscoveries(
  { list }: Providers,
  options: BridgeOptions & { signal: AbortSignal },
): Promise<Discovery[]> {
  const { clock, log, signal } = options;
  const lists = listStoreFor(options);
  // Another address, another list.
  const nameOf = ({ upstream, baseUrl }: Provider) => `${upstream.id} ${baseUrl?.url ?? ""}`;
  const saved = await lists.load(list.map(nameOf));
  return list.map((provider) => {
    const { upstream, settings, baseUrl } = provider;
    if (!baseUrl) return createDiscovery({ upstream, clock, log, signal });
    const name = nameOf(provider);
    return createDiscovery({
      upstream,
      clock,
      log,
      signal,
      includes: includesFor(settings?.models),
      saved: saved.get(name),
      onListed: (models) => {
        lists.save(name, models);
      },
    });
  });
}

function includesFor({ include, exclude = [] }: NonNullable<ProviderSettings["models"]> = {}) {
  const isIncluded = include ? globs(include) : () => true;
  const isExcluded = globs(exclude);
  return (modelId: string) => isIncluded(modelId) && !isExcluded(modelId);
}

function listStoreFor({ stateFolder, log }: BridgeOptions): ListStore {
  return stateFolder === undefined
    ? createListMemory()
    : createListFile(join(stateFolder, "lists.json"), log);
}

function modelStoreFor({ stateFolder, modelFile, log }: BridgeOptions): ModelStore {
  const path = modelFile ?? (stateFolder && join(stateFolder, "models.json"));
  return path === undefined ? createMemoryStore() : createModelFile(path, log);
}

function requireLoopback(host: string): void {
  if (isLoopbackHost(urlHost(host))) return;
  throw new BridgeError(
    "invalid_settings",
    `"host" is ${JSON.stringify(host)}, which other machines could reach. Use 127.0.0.1.`,
  );
}

/** A bridge that is its own provider would ask itself for ever. */
function requireOthers({ list }: Providers, port: number): void {
  const self = list.find(
    ({ baseUrl }) => baseUrl?.isLoopback && Number(new URL(baseUrl.origin).port) === port,
  );
  if (!self) return;
  throw new BridgeError(
    "invalid_settings",
    `Provider "${self.upstream.id}" is at port ${port}, where the bridge itself listens. Change "port", or let the provider listen elsewhere (Ollama: OLLAMA_HOST=127.0.0.1:11435) and set its baseUrl.`,
  );
}

/** IPv6 addresses stand in brackets in URLs. */
function urlHost(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
