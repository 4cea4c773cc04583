import type { Log } from "../base/log.ts";

const HIDDEN = "[redacted]";

/** A shorter one would take words out of ordinary text. */
const SHORTEST_SECRET = 6;

/** What keys look like, wherever they come from. */
const PATTERNS = [
  /\b(Bearer\s+)[^\s"',;]+/gi,
  /\b(sk-|sk_|xai-|gsk_|hf_|nvapi-|AIza|r8_|pplx-|csk-|fw_|tgp_)[A-Za-z0-9_*.-]{6,}/g,
  /([?&](?:key|api[-_]?key|token|access_token)=)[^&\s"']+/gi,
];

/** A filter that takes out the known secrets, also in base64 and URL encoding, and whatever looks like a key. */
export function createRedactor(secrets: () => Iterable<string>): (text: string) => string {
  return (text) => {
    let clean = text;
    const known = [...secrets()].filter(({ length }) => length >= SHORTEST_SECRET);
    // One may be the beginning of another.
    for (const form of known.flatMap(formsOf).sort((a, b) => b.length - a.length)) {
      clean = clean.replaceAll(form, HIDDEN);
    }
    return PATTERNS.reduce(
      (current, pattern) => current.replace(pattern, (_, start: string) => start + HIDDEN),
      clean,
    );
  };
}

/** A log in which nothing secret arrives: messages and facts pass the filter. */
export function redactLog(log: Log, redact: (text: string) => string): Log {
  const clean = (fact: unknown): unknown => {
    if (typeof fact === "string") return redact(fact);
    if (fact instanceof Error) return redact(fact.stack ?? fact.message);
    if (Array.isArray(fact)) return fact.map(clean);
    if (typeof fact !== "object" || fact === null) return fact;
    return Object.fromEntries(Object.entries(fact).map(([name, value]) => [name, clean(value)]));
  };
  const level =
    (name: keyof Log) =>
    (message: string, ...facts: unknown[]) => {
      log[name](redact(message), ...facts.map(clean));
    };
  return {
    trace: level("trace"),
    debug: level("debug"),
    info: level("info"),
    warn: level("warn"),
    error: level("error"),
  };
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString("base64").replace(/=+$/, "");
  return [secret, encodeURIComponent(secret), base64, bytes.toString("base64url")];
}
