import { BridgeError } from "../base/errors.ts";

/** A bounded number of calls at once, and a bounded queue before them. */
export interface Slots {
  /**
   * Waits for a place, first come, first served. Whoever leaves the queue makes room in it at once.
   *
   * @returns gives the place back; calling it again does nothing
   * @throws BridgeError `too_many_waiting`, or what `signal` was aborted with
   */
  take(signal: AbortSignal): Promise<() => void>;
  readonly running: number;
  readonly waiting: number;
}

/** What Ollama says, two spaces included: clients know it. */
const BUSY = "server busy, please try again.  maximum pending requests exceeded";

const RETRY_AFTER_SECONDS = "1";

export function createSlots({ size, queue }: { size: number; queue: number }): Slots {
  let running = 0;
  const waiting = new Set<() => void>();

  function release(): () => void {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      running--;
      const [next] = waiting;
      next?.();
    };
  }

  return {
    get running() {
      return running;
    },
    get waiting() {
      return waiting.size;
    },
    async take(signal) {
      signal.throwIfAborted();
      if (running < size) {
        running++;
        return release();
      }
      if (waiting.size >= queue) {
        throw new BridgeError("too_many_waiting", BUSY, { retryAfter: RETRY_AFTER_SECONDS });
      }
      await new Promise<void>((resolve, reject) => {
        const enter = () => {
          waiting.delete(enter);
          signal.removeEventListener("abort", leave);
          running++;
          resolve();
        };
        const leave = () => {
          waiting.delete(enter);
          reject(signal.reason as Error);
        };
        waiting.add(enter);
        signal.addEventListener("abort", leave, { once: true });
      });
      return release();
    },
  };
}
