import { BridgeError } from "../base/errors.ts";
import { tryUrl } from "../base/url.ts";

export interface BaseUrl {
  /** Without a trailing slash and without `/chat/completions`. A query string stays in `query`. */
  url: string;
  /** `?api-version=…` or empty; goes behind each path. */
  query: string;
  /** Scheme, host and port. A key belongs to one of these. */
  origin: string;
  isLoopback: boolean;
}

/**
 * A provider's base URL as people paste it.
 *
 * @throws BridgeError `invalid_settings` naming the URL and the remedy
 */
export function parseBaseUrl(text: string, { allowInsecureHttp = false } = {}): BaseUrl {
  const url = toUrl(text.trim());
  const isLoopback = isLoopbackHost(url.hostname);
  if (url.protocol === "http:" && !isLoopback && !allowInsecureHttp) {
    throw new BridgeError(
      "invalid_settings",
      `The base URL ${url.origin} would send the key and every prompt in clear text. Use https://, or set allowInsecureHttp.`,
    );
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/chat\/completions$/, "");
  return { url: url.origin + path, query: url.search, origin: url.origin, isLoopback };
}

/** `127.0.0.0/8`, `::1` and `localhost`, as URL.hostname spells them. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** A name for the provider behind an origin: "openai" for https://api.openai.com. */
export function providerIdFor(origin: string): string {
  const { hostname } = new URL(origin);
  if (isLoopbackHost(hostname)) return "local";
  // Of an address there is no part to pick: 10.0.0.5 stays itself, and IPv6 loses what ids may not contain.
  if (/^[\d.]+$|^\[/.test(hostname))
    return hostname.replaceAll(/[^\da-f.]+/g, "-").replaceAll(/^-|-$/g, "");
  return hostname.split(".").find((label) => !GENERIC_LABELS.has(label)) ?? hostname;
}

/** Labels in front of the name that people know a provider by. */
const GENERIC_LABELS = new Set(["api", "www", "inference", "integrate", "router", "gateway"]);

function toUrl(text: string): URL {
  const url = tryUrl(text);
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new BridgeError(
      "invalid_settings",
      // Not repeated: people paste keys into the wrong box.
      "That is not a base URL. One looks like https://api.openai.com/v1.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new BridgeError(
      "invalid_settings",
      `The base URL of ${url.origin} contains a user name or password. Remove it; keys are asked for separately.`,
    );
  }
  return url;
}
