import { BridgeError } from "../base/errors.ts";
import { tryUrl } from "../base/url.ts";
import { presetAt, PRESET_NAMES, presetOf, type PresetName } from "./presets.ts";

export interface BaseUrl {
  /** Without a trailing slash and without an endpoint's path. A query string stays in `query`. */
  url: string;
  /** `?api-version=…` or empty; goes behind each path. */
  query: string;
  /** Scheme, host and port. A key belongs to one of these. */
  origin: string;
  isLoopback: boolean;
  /** It is a host alone, and nobody knows where its API begins: there or at `/v1`. */
  isBare: boolean;
}

/** What people paste behind the base: the paths that the bridge adds itself. */
const ENDPOINT =
  /\/((chat\/|fim\/)?completions|embeddings|responses|api(\/(tags|chat|generate|show|version|embed))?)$|(?<=\/v\d)\/models$/;

export interface BaseUrlRules {
  /** For providers on other machines. */
  allowInsecureHttp?: boolean;
  /** The known provider that it is said to be. */
  preset?: PresetName | undefined;
}

/**
 * A provider's base URL as people paste it.
 *
 * @throws BridgeError `invalid_settings` naming the URL and the remedy
 */
export function parseBaseUrl(text: string, rules: BaseUrlRules = {}): BaseUrl {
  const { allowInsecureHttp = false, preset } = rules;
  const url = toUrl(withScheme(text.trim()));
  refusePlaceholders(url);
  refuseWebsites(url);
  const isLoopback = isLoopbackHost(url.hostname);
  if (url.protocol === "http:" && !isLoopback && !allowInsecureHttp) {
    throw new BridgeError(
      "invalid_settings",
      `The base URL ${url.origin} would send the key and every prompt in clear text. Use https://, or set allowInsecureHttp.`,
    );
  }
  const path = url.pathname.replace(/\/+$/, "").replace(ENDPOINT, "");
  const known = path === "" ? knownPath(url, preset) : undefined;
  return {
    url: url.origin + (known ?? path),
    query: url.search,
    origin: url.origin,
    isLoopback,
    isBare: path === "" && known === undefined,
  };
}

/** The base URL as it was written, or the preset's. */
export function providerUrl({
  preset,
  baseUrl,
}: {
  preset?: PresetName | undefined;
  baseUrl?: string | undefined;
}): string {
  return baseUrl ?? (preset && presetOf(preset).baseUrl) ?? "";
}

/** Of a known provider's host alone, the path is known too. */
function knownPath(url: URL, preset = presetAt(url.href)): string | undefined {
  if (preset === undefined) return undefined;
  const { baseUrl, example = "", title } = presetOf(preset);
  if (baseUrl !== undefined) return new URL(baseUrl).pathname.replace(/\/$/, "");
  const { pathname } = new URL(example);
  if (!PLACEHOLDER.test(example.slice(example.indexOf(pathname)))) return pathname;
  throw new BridgeError(
    "invalid_settings",
    `The base URL of ${title} needs a path. It looks like ${example}.`,
  );
}

/** Local servers are told by host and port. Elsewhere a text without a scheme may as well be a key. */
function withScheme(text: string): string {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i.test(text)
    ? `http://${text}`
    : text;
}

const PLACEHOLDER =
  /%7B|%3C|\{|\$|\/\/(RESOURCE|RES|YOUR)[-.]|\/(YOUR[-_]\w+|DEPLOYMENT|DEPLOY)(\/|\?|$)/i;

function refusePlaceholders({ href, origin }: URL): void {
  if (!PLACEHOLDER.test(href)) return;
  throw new BridgeError(
    "invalid_settings",
    `The base URL at ${origin} still holds a placeholder. Put your own name there.`,
  );
}

function refuseWebsites({ hostname, pathname }: URL): void {
  const name = PRESET_NAMES.find((one) => {
    const { website, baseUrl } = presetOf(one);
    const isApi = baseUrl !== undefined && new URL(baseUrl).hostname === hostname;
    return website?.test(hostname) === true && !isApi && !/\/v\d/.test(pathname);
  });
  if (name === undefined) return;
  const { title, baseUrl, example = "" } = presetOf(name);
  throw new BridgeError(
    "invalid_settings",
    `https://${hostname} is a web page of ${title}. Its API is at ${baseUrl ?? example}.`,
  );
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
