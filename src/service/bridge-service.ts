import type { BridgeState } from "./bridge-state.ts";
import type { Settings } from "./settings.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";

export interface BridgeServiceOptions {
  /** Read at each start. May throw a BridgeError `invalid_settings`, which becomes the state `failed`. */
  settings: () => Settings;
  /** The key for a provider if it was entered for this origin. Asked at each call, so a rotated key is used at once. */
  apiKey: (provider: { id: string; origin: string }) => Promise<string | undefined>;
  /** Clients must then present it. Asked at each start. */
  accessToken?: (settings: Settings) => string | undefined;
  /** Already redacting: see `redact.ts`. */
  log: Log;
  clock: Clock;
  /** The product's version, for the log. */
  version: string;
}

/** What asking one provider for its models brought. */
export interface ConnectionReport {
  provider: string;
  origin: string;
  modelCount?: number;
  ms: number;
  /** Why it failed, with the remedy; absent when it worked. */
  error?: string;
}

/** The running bridge without a host. Transitions queue up and never overlap. */
export interface BridgeService {
  readonly state: BridgeState;
  /** Calls back on each change of state until the returned function is called. */
  onState(listener: (state: BridgeState) => void): () => void;
  /** Ends when the port is open. A failure is a state (`failed`) and is thrown as a BridgeError too. No-op while running. */
  start(): Promise<void>;
  /** Drains for up to 3 s, frees the port. No-op while stopped. */
  stop(): Promise<void>;
  /** stop, then start with the settings of that moment; overlapping calls are one. */
  restart(): Promise<void>;
  /** Keys have changed: look again at which are there and which models they open. */
  refresh(): Promise<void>;
  /** Asks every provider for its models, now. Works while stopped too. */
  testConnection(): Promise<ConnectionReport[]>;
}

export declare function createBridgeService(options: BridgeServiceOptions): BridgeService;
