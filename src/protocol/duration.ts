const SECONDS_PER_UNIT: Record<string, number> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/**
 * Seconds of a duration as Go's `time.ParseDuration` reads it: "1h30m", "-1.5s", "0".
 *
 * @returns the reason in Go's words when it is not one
 */
export function parseDuration(text: string): number | { error: string } {
  const unsigned = text.replace(/^[-+]/, "");
  if (unsigned === "0") return 0;
  let seconds = 0;
  let read = 0;
  for (const [part, amount = "", unit = ""] of unsigned.matchAll(PART)) {
    seconds += Number(amount) * (SECONDS_PER_UNIT[unit] ?? 0);
    read += part.length;
  }
  if (read > 0 && read === unsigned.length) return text.startsWith("-") ? -seconds : seconds;
  return {
    error: /^(\d+(?:\.\d*)?|\.\d+)$/.test(unsigned)
      ? `time: missing unit in duration ${JSON.stringify(text)}`
      : `time: invalid duration ${JSON.stringify(text)}`,
  };
}
