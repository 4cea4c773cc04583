import type { BridgeError } from "../base/errors.ts";
import type { BreakerState } from "../upstream/breaker.ts";

/** One provider as the status bar shows it. */
export interface ProviderSummary {
  id: string;
  /** Scheme, host and port: `https://openrouter.ai`. */
  origin: string;
  /** `absent` only where one is needed: a provider on another machine without a key. */
  key: "present" | "absent" | "not needed";
  /** `open`: it failed many times in a row and is left alone for a moment. */
  breaker: BreakerState;
}

/** What the bridge is doing. Views draw it and hold nothing else. */
export type BridgeState =
  | { kind: "stopped" }
  | { kind: "starting" }
  | { kind: "stopping" }
  | {
      kind: "running";
      /** `http://127.0.0.1:11434`, what clients are pointed at. */
      url: string;
      port: number;
      /** Empty: the built-in demo model answers. */
      providers: ProviderSummary[];
      /** Models listed by the last discovery; absent before the first one has ended. */
      modelCount?: number | undefined;
    }
  /** `error.code` is `port_taken`, `invalid_settings` or anything else that kept the bridge from starting. */
  | { kind: "failed"; error: BridgeError };
