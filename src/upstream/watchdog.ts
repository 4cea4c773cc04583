import { BridgeError } from "../base/errors.ts";

export interface TimeLimits {
  /** What the limit of the first byte is called, where it has a name of its own. */
  setting?: string;
  /** Until the first byte of the answer's body. */
  firstByteMs: number;
  /** Between two pieces of it. */
  idleMs: number;
  /** For all of it; streams have none. */
  totalMs?: number | undefined;
}

export interface Watchdog {
  /** Aborts with the reason: the caller's own, or a BridgeError `upstream_timeout` that names the setting. */
  signal: AbortSignal;
  /** Something has arrived; comments count. */
  alive(): void;
  /** Call it when the call has ended, however it did. */
  stop(): void;
}

/** The time limits of one call to a provider, joined with the caller's signal. */
export function createWatchdog(
  { firstByteMs, idleMs, totalMs, setting = "firstByteMs" }: TimeLimits,
  { signal, provider }: { signal: AbortSignal; provider: string },
): Watchdog {
  const controller = new AbortController();
  const expire = (what: string, ms: number, setting: string) => () => {
    const text = `"${provider}" sent ${what} within ${ms} ms (setting timeouts.${setting}).`;
    controller.abort(new BridgeError("upstream_timeout", text));
  };
  let silence = setTimeout(expire("no answer", firstByteMs, setting), firstByteMs);
  const total =
    totalMs === undefined
      ? undefined
      : setTimeout(expire("no complete answer", totalMs, "totalMs"), totalMs);
  let started = false;

  return {
    signal: AbortSignal.any([signal, controller.signal]),
    alive() {
      if (started) {
        silence.refresh();
        return;
      }
      started = true;
      clearTimeout(silence);
      silence = setTimeout(expire("nothing more", idleMs, "idleMs"), idleMs);
    },
    stop() {
      clearTimeout(silence);
      clearTimeout(total);
    },
  };
}
