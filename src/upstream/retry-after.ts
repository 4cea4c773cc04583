import type { RetryAdvice } from "../base/errors.ts";

/** Names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

/**
 * How long a provider asks to wait, from wherever it says so; providers.md 5.2 has the forms.
 *
 * @param now milliseconds since 1970
 */
export function retryAdvice(
  { status, headers, body }: { status: number; headers: Headers; body: string },
  now: number,
): RetryAdvice {
  const should = single(headers["x-should-retry"]);
  const waitMs =
    // Azure sends 0 here beside a true `retry-after`.
    positive(Number(single(headers["retry-after-ms"]) ?? NaN)) ??
    fromRetryAfter(single(headers["retry-after"]), now) ??
    (status === 429 ? fromRateLimit(headers, now) : undefined) ??
    fromBody(body);
  return {
    ...(waitMs !== undefined && { waitMs }),
    ...(should !== undefined && { shouldRetry: should === "true" }),
  };
}

/** `Retry-After` where it is one: seconds or an HTTP date. It becomes a header of ours, so nothing else may. */
export function retryAfterIn(headers: Headers): string | undefined {
  const value = single(headers["retry-after"]);
  return value !== undefined && /^\d{1,9}$|^[A-Za-z]{3}, [\w: ]{1,30} GMT$/.test(value)
    ? value
    : undefined;
}

function fromRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const RESET = /^x-ratelimit-reset(-.*)?$/;

/** Until the window that is used up begins again; the longest, where nobody says which that is. */
function fromRateLimit(headers: Headers, now: number): number | undefined {
  const windows = Object.entries(headers).flatMap(([name, value]) => {
    if (!RESET.test(name)) return [];
    const wait = fromReset(single(value) ?? "", now);
    const left = single(headers[name.replace("-reset", "-remaining")]);
    return wait === undefined ? [] : [{ wait, isUsedUp: Number(left ?? NaN) === 0 }];
  });
  const usedUp = windows.filter(({ isUsedUp }) => isUsedUp);
  const waits = (usedUp.length > 0 ? usedUp : windows).map(({ wait }) => wait);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Go's durations ("1m3s", "26ms"), seconds, or a moment in seconds or milliseconds since 1970. */
function fromReset(value: string, now: number): number | undefined {
  const number = Number(value);
  if (value.trim() !== "" && !Number.isNaN(number)) {
    if (number > 1e12) return Math.max(0, number - now);
    return number > 1e9 ? Math.max(0, number * 1000 - now) : Math.max(0, number * 1000);
  }
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  return parts.reduce((sum, [, count, unit = "s"]) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}

/** Gemini's `retryDelay`, OpenRouter's metadata, and sentences. */
const SENTENCES = [
  /"retryDelay":\s*"(\d+(?:\.\d+)?)s"/,
  /"retry_after(?:_seconds)?":\s*(\d+(?:\.\d+)?)/i,
  /"retry-after":\s*"?(\d+(?:\.\d+)?)/i,
  /(?:try|retry) again in (\d+(?:\.\d+)?) ?(ms|s|m)?\b/i,
  /retry (?:after|in) (\d+(?:\.\d+)?) ?(ms|s|m)?/i,
];

function fromBody(body: string): number | undefined {
  for (const pattern of SENTENCES) {
    const [, count, unit = "s"] = pattern.exec(body) ?? [];
    if (count !== undefined) return Number(count) * (UNITS[unit.toLowerCase()] ?? 1000);
  }
  return undefined;
}

function positive(value: number): number | undefined {
  return value > 0 ? value : undefined;
}

export function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
