import { BridgeError, describeCauses } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { openBridge, type Bridge, type BridgeOptions } from "./bridge.ts";
import { openProviders } from "./providers.ts";
import type { BridgeState, ProviderSummary } from "./bridge-state.ts";
import type { Snapshot } from "../server/meters.ts";
import type { Settings } from "./settings.ts";

export interface BridgeServiceOptions {
  /** Read at each start. May throw a BridgeError `invalid_settings`, which becomes the state `failed`. */
  settings: () => Settings;
  /** The key for a provider if it was entered for this origin. Asked at each call, so a new key is used at once. */
  apiKey: (provider: { id: string; origin: string }) => Promise<string | undefined>;
  /** Clients must then present it. Asked at each start. */
  accessToken?: (settings: Settings) => string | undefined;
  /** Takes known keys out of a text; `log` has been through it already. */
  redact: (text: string) => string;
  /** See BridgeOptions. */
  stateFolder?: string;
  modelFile?: string;
  toMetrics?: (snapshot: Snapshot) => Promise<string>;
  log: Log;
  clock: Clock;
  /** The product's version, for the log. */
  version: string;
}

/** What asking one provider for its models brought. */
export interface ConnectionReport {
  provider: string;
  /** Absent for the demo model. */
  origin?: string;
  modelCount?: number;
  ms: number;
  /** Why it failed, with the remedy; absent when it worked. */
  error?: BridgeError;
}

/** The bridge without a host. Transitions queue up and never overlap. */
export interface BridgeService {
  readonly state: BridgeState;
  /** Calls back on each change of state until the returned function is called. */
  onState(listener: (state: BridgeState) => void): () => void;
  /** Ends when the port is open. A failure becomes the state `failed` and is thrown as a BridgeError too. No-op while running. */
  start(): Promise<void>;
  /** Frees the port and drains, in less than 3 s. No-op while stopped. */
  stop(): Promise<void>;
  /** stop, then start with the settings of that moment. Calls that wait for the same restart are one. */
  restart(): Promise<void>;
  /** Keys have changed: look again at which are there and which models they open. */
  refresh(): Promise<void>;
  /** Asks every provider for its models, now. Works while stopped too. */
  testConnection(): Promise<ConnectionReport[]>;
}

export function createBridgeService(options: BridgeServiceOptions): BridgeService {
  const { log } = options;
  const listeners = new Set<(state: BridgeState) => void>();
  let state: BridgeState = { kind: "stopped" };
  let bridge: Bridge | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let waitingRestart: Promise<void> | undefined;

  function setState(next: BridgeState): void {
    state = next;
    for (const listener of listeners) listener(next);
  }

  /** After what is under way, whether that worked or not. */
  function enqueue<T>(transition: () => Promise<T>): Promise<T> {
    const result = queue.then(transition, transition);
    queue = result.catch(() => undefined);
    return result;
  }

  function bridgeOptions(): BridgeOptions {
    const settings = options.settings();
    const onChange = () => {
      if (bridge && state.kind === "running") void showRunning(bridge, state.modelCount);
    };
    return { ...options, settings, accessToken: options.accessToken?.(settings), onChange };
  }

  async function open(): Promise<void> {
    if (bridge) return;
    setState({ kind: "starting" });
    try {
      bridge = await openBridge(bridgeOptions());
    } catch (caught) {
      const error = toBridgeError(caught);
      // An expected failure is told by whoever asked for the start.
      if (error !== caught) log.error("bridge could not start", { error: describeCauses(caught) });
      setState({ kind: "failed", error });
      throw error;
    }
    log.info("bridge started", { url: bridge.url, version: options.version });
    await showRunning(bridge);
    void showModels(bridge);
  }

  async function close(): Promise<void> {
    if (bridge) {
      setState({ kind: "stopping" });
      const closing = bridge;
      bridge = undefined;
      await closing.close();
      log.info("bridge stopped", { url: closing.url });
    }
    if (state.kind !== "stopped") setState({ kind: "stopped" });
  }

  async function showRunning(running: Bridge, modelCount?: number): Promise<void> {
    const providers = await summarise(running, options.apiKey);
    if (bridge !== running) return;
    setState({ kind: "running", url: running.url, port: running.port, providers, modelCount });
  }

  async function showModels(running: Bridge): Promise<void> {
    await running.catalog.refresh();
    // A failed discovery is logged and told to whoever asks for models; here only the number is missing.
    const cards = await running.catalog.list().catch(() => undefined);
    await showRunning(running, cards?.length);
  }

  return {
    get state() {
      return state;
    },
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => enqueue(open),
    stop: () => enqueue(close),
    restart() {
      waitingRestart ??= enqueue(async () => {
        waitingRestart = undefined;
        await close();
        await open();
      });
      return waitingRestart;
    },
    async refresh() {
      if (!bridge) return;
      const running = bridge;
      await showRunning(running, state.kind === "running" ? state.modelCount : undefined);
      await showModels(running);
    },
    testConnection: () => testConnection(bridgeOptions()),
  };
}

async function summarise(
  { providers }: Bridge,
  apiKey: BridgeServiceOptions["apiKey"],
): Promise<ProviderSummary[]> {
  const summaries = providers.map(async ({ upstream, baseUrl }) => {
    const { id } = upstream;
    if (baseUrl === undefined) return undefined;
    const { origin, isLoopback } = baseUrl;
    const key = (await apiKey({ id, origin })) !== undefined ? "present" : "absent";
    const isNeeded = key === "present" || !isLoopback;
    return { id, origin, key: isNeeded ? key : "not needed", breaker: upstream.breaker } as const;
  });
  return (await Promise.all(summaries)).filter((summary) => summary !== undefined);
}

/** A provider that does not answer within this time has failed the test. */
const TEST_MS = 30_000;

async function testConnection(options: BridgeOptions): Promise<ConnectionReport[]> {
  const providers = openProviders(options);
  const { clock } = options;
  try {
    return await Promise.all(
      providers.list.map(async ({ upstream, baseUrl }): Promise<ConnectionReport> => {
        const begin = clock.monotonic();
        const result = await upstream.models(AbortSignal.timeout(TEST_MS)).then(
          (models) => ({ modelCount: models.length }),
          (error: unknown) => ({ error: toTestError(error, upstream.id) }),
        );
        const ms = Math.round(clock.monotonic() - begin);
        return { provider: upstream.id, ...(baseUrl && { origin: baseUrl.origin }), ms, ...result };
      }),
    );
  } finally {
    await providers.close();
  }
}

function toTestError(error: unknown, provider: string): BridgeError {
  if (!(error instanceof Error) || error.name !== "TimeoutError") return toBridgeError(error);
  const text = `${provider}: no model list within ${TEST_MS / 1000} seconds.`;
  return new BridgeError("upstream_timeout", text, { cause: error });
}

/** Anything else is a bug; its text may not be safe to show, so the log has it. */
function toBridgeError(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  const text = "an internal error, see the log of Llama Bridge";
  return new BridgeError("internal", text, { cause: error });
}
