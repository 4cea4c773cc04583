import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 40;

/**
 * Asks again and again until the answer is neither `undefined` nor `false`, and gives it.
 * A question that fails counts as unanswered.
 *
 * @param label what is awaited, for the message when the time is over
 */
export async function until<T>(
  label: string,
  ask: () => Promise<T> | T,
  withinMs = 20_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
      last = answer;
    } catch (error) {
      last = error;
    }
    await delay(POLL_MS);
  }
  throw new Error(`not within ${withinMs} ms: ${label} (last: ${String(last)})`, { cause: last });
}
