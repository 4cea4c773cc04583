/** The two times that the bridge needs. The monotonic one stands still while a laptop sleeps, so neither replaces the other. */
export interface Clock {
  /** Milliseconds since 1970, for what people and clients read. */
  wall(): number;
  /** Milliseconds since some fixed moment, with fractions, for durations. */
  monotonic(): number;
}

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};

const PER_SECOND = 1000;

/**
 * RFC 3339 in UTC with milliseconds, the form of Ollama's `created_at`. The text up to the second is
 * kept between calls, so that a token costs no date formatting.
 */
export function createTimestamps(clock: Clock): () => string {
  let second = NaN;
  let prefix = "";
  return () => {
    const now = clock.wall();
    const current = Math.floor(now / PER_SECOND);
    if (current !== second) {
      second = current;
      prefix = new Date(current * PER_SECOND).toISOString().slice(0, -"000Z".length);
    }
    const milliseconds = Math.floor(now - current * PER_SECOND);
    return `${prefix}${String(milliseconds).padStart(3, "0")}Z`;
  };
}
