import { BridgeError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { globs } from "../catalog/globs.ts";
import { joinQuirks, type Quirks } from "../protocol/dialect.ts";
import { parseBaseUrl, providerUrl, type BaseUrl } from "../upstream/base-url.ts";
import { createUpstream, type Upstream } from "../upstream/client.ts";
import { createDemoUpstream } from "../upstream/demo.ts";
import { presetAt } from "../upstream/presets.ts";
import { resilient, type ResilientUpstream } from "../upstream/resilient.ts";
import { createTransport, type Transport } from "../upstream/transport.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import type { Settings } from "./settings.ts";

export interface ProvidersOptions {
  settings: Settings;
  apiKey: (provider: { id: string; origin: string }) => Promise<string | undefined>;
  redact: (text: string) => string;
  clock: Clock;
  log: Log;
  /** Something that the state shows has changed: a provider's breaker. */
  onChange?: (() => void) | undefined;
}

/** A provider as it is asked. */
export interface Provider {
  upstream: ResilientUpstream;
  settings?: ProviderSettings;
  /** Absent for the demo model. */
  baseUrl?: BaseUrl;
}

/** Providers with their sockets: what is needed to ask them, with or without a listening port. */
export interface Providers {
  readonly list: Provider[];
  close(): Promise<void>;
}

/** @throws BridgeError `invalid_settings` naming the provider and what is wrong with it */
export function openProviders(options: ProvidersOptions): Providers {
  const { settings } = options;
  const parsed = settings.providers.map((provider) => ({
    provider,
    baseUrl: baseUrlOf(provider, settings),
  }));
  const transports: Transport[] = [];
  const list = parsed.map(({ provider, baseUrl }): Provider => {
    const timeouts = { ...settings.timeouts, ...withoutGaps(provider.timeouts ?? {}) };
    const transport = createTransport(timeouts);
    transports.push(transport);
    const upstream = createUpstream({
      id: provider.id,
      baseUrl,
      preset: provider.preset ?? presetAt(baseUrl.url),
      headers: provider.headers,
      quirks: quirksOf(provider),
      modelIds: provider.models?.ids,
      transport,
      timeouts,
      redact: options.redact,
      clock: options.clock,
      apiKey: () => options.apiKey({ id: provider.id, origin: baseUrl.origin }),
    });
    return { upstream: withPatience(upstream, options), settings: provider, baseUrl };
  });
  return {
    list: list.length > 0 ? list : [{ upstream: withPatience(createDemoUpstream(), options) }],
    close: async () => {
      await Promise.all(transports.map((transport) => transport.close()));
    },
  };
}

/** For all models, and for those that a glob names. */
function quirksOf({ quirks = {}, modelQuirks = {} }: ProviderSettings): (id: string) => Quirks {
  const patterns = Object.entries(modelQuirks).map(([pattern, own]) => ({
    matches: globs([pattern]),
    own,
  }));
  return (modelId) =>
    patterns
      .filter(({ matches }) => matches(modelId))
      .reduce<Quirks>((all, { own }) => joinQuirks(all, own), quirks);
}

function withPatience(
  upstream: Upstream,
  { settings, clock, log, onChange }: ProvidersOptions,
): ResilientUpstream {
  return resilient(upstream, {
    rules: settings.retry,
    ...settings.limits,
    clock,
    log,
    random: Math.random,
    onBreaker: onChange,
  });
}

function withoutGaps<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as never;
}

function baseUrlOf(provider: ProviderSettings, { allowInsecureHttp }: Settings): BaseUrl {
  const { id, preset } = provider;
  try {
    return parseBaseUrl(providerUrl(provider), { allowInsecureHttp, preset });
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    throw new BridgeError(error.code, `Provider "${id}": ${error.message}`, { cause: error });
  }
}
