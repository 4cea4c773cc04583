import { createAliasSettings, type WrittenAlias } from "../../src/catalog/aliases.ts";
import { createCatalog } from "../../src/catalog/catalog.ts";
import { createDiscovery } from "../../src/catalog/discovery.ts";
import { createLoadedModels } from "../../src/catalog/loaded-models.ts";
import { createIsShown } from "../../src/catalog/shown.ts";
import { createMemoryStore, createStoredModels } from "../../src/catalog/stored-models.ts";
import { createAnswerCache } from "../../src/server/answer-cache.ts";
import { createApp } from "../../src/server/app.ts";
import { createGuard, type GuardPolicy } from "../../src/server/guard.ts";
import { createHabits } from "../../src/server/habits.ts";
import { createMeters } from "../../src/server/meters.ts";
import { createTurnMemory } from "../../src/server/turn-memory.ts";
import { parseBaseUrl } from "../../src/upstream/base-url.ts";
import { createUpstream, type UpstreamOptions } from "../../src/upstream/client.ts";
import { presetAt } from "../../src/upstream/presets.ts";
import type { Transport } from "../../src/upstream/transport.ts";
import { createTestClock } from "./clock.ts";
import { createTestLog } from "./log.ts";

export interface TestAppOptions {
  transport: Transport;
  guard?: Partial<GuardPolicy>;
  maxBodyBytes?: number;
  baseUrl?: string;
  /** What the provider's settings say besides. */
  provider?: Pick<UpstreamOptions, "preset" | "headers" | "quirks" | "modelIds">;
  aliases?: Record<string, WrittenAlias>;
  cacheMode?: "off" | "auto" | "all";
}

/** The whole HTTP side on one provider called "fake", without a port and with a clock that stands still. */
export function createTestApp({
  transport,
  guard = {},
  maxBodyBytes = 1_000_000,
  baseUrl = "https://provider.test/v1",
  provider = {},
  aliases = {},
  cacheMode = "off",
}: TestAppOptions) {
  const clock = createTestClock();
  const log = createTestLog();
  const stopping = new AbortController();
  const base = parseBaseUrl(baseUrl, { preset: provider.preset });
  const upstream = createUpstream({
    id: "fake",
    baseUrl: base,
    apiKey: () => Promise.resolve("test-key"),
    transport,
    preset: presetAt(base.url),
    ...provider,
    timeouts: {
      firstByteMs: 5000,
      embedFirstByteMs: 5000,
      listFirstByteMs: 5000,
      idleMs: 5000,
      totalMs: 5000,
    },
    clock,
    redact: (text) => text.replaceAll("test-key", "[redacted]"),
  });
  const discovery = createDiscovery({ upstream, clock, log, signal: stopping.signal });
  const meters = createMeters(clock);
  const stored = createStoredModels(createMemoryStore());
  const app = createApp({
    catalog: createCatalog({
      discoveries: [discovery],
      stored,
      aliases: createAliasSettings(aliases),
      isShown: createIsShown({ favorites: [], hidden: [] }),
    }),
    stored,
    cache: createAnswerCache({ mode: cacheMode, ttlMs: 60_000, maxBytes: 1_000_000, clock }),
    meters,
    status: () => meters.snapshot(),
    loaded: createLoadedModels(clock),
    turnMemory: createTurnMemory(),
    habitsOf: createHabits(),
    guard: createGuard({ allowedHosts: [], allowedOrigins: [], ...guard }),
    clock,
    log,
    maxBodyBytes,
    stopping: stopping.signal,
  });
  return { app, clock, log, meters };
}
