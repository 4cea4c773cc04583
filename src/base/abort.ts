/**
 * A promise, or the reason of an abort, whichever comes first. It leaves no listener behind.
 *
 * @throws what `signal` was or is aborted with
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const waiting = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const leave = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", leave, { once: true, signal: waiting.signal });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    waiting.abort();
  }
}
