import { createCatalog } from "../../src/catalog/catalog.ts";
import { createDiscovery } from "../../src/catalog/discovery.ts";
import { createLoadedModels } from "../../src/catalog/loaded-models.ts";
import { createMemoryStore, createStoredModels } from "../../src/catalog/stored-models.ts";
import { createApp } from "../../src/server/app.ts";
import { createGuard, type GuardPolicy } from "../../src/server/guard.ts";
import { createHabits } from "../../src/server/habits.ts";
import { createTurnMemory } from "../../src/server/turn-memory.ts";
import { parseBaseUrl } from "../../src/upstream/base-url.ts";
import { createUpstream } from "../../src/upstream/client.ts";
import type { Transport } from "../../src/upstream/transport.ts";
import { createTestClock } from "./clock.ts";
import { createTestLog } from "./log.ts";

export interface TestAppOptions {
  transport: Transport;
  guard?: Partial<GuardPolicy>;
  maxBodyBytes?: number;
  baseUrl?: string;
}

/** The whole HTTP side on one provider called "fake", without a port and with a clock that stands still. */
export function createTestApp({
  transport,
  guard = {},
  maxBodyBytes = 1_000_000,
  baseUrl = "https://provider.test/v1",
}: TestAppOptions) {
  const clock = createTestClock();
  const log = createTestLog();
  const stopping = new AbortController();
  const upstream = createUpstream({
    id: "fake",
    baseUrl: parseBaseUrl(baseUrl),
    apiKey: () => Promise.resolve("test-key"),
    transport,
    timeouts: { firstByteMs: 5000, idleMs: 5000, totalMs: 5000 },
    redact: (text) => text.replaceAll("test-key", "[redacted]"),
  });
  const discovery = createDiscovery({ upstream, clock, log, signal: stopping.signal });
  const stored = createStoredModels(createMemoryStore());
  const app = createApp({
    catalog: createCatalog([discovery], stored),
    stored,
    loaded: createLoadedModels(clock),
    turnMemory: createTurnMemory(),
    habitsOf: createHabits(),
    guard: createGuard({ allowedHosts: [], allowedOrigins: [], ...guard }),
    clock,
    log,
    maxBodyBytes,
    stopping: stopping.signal,
  });
  return { app, clock, log };
}
