import { createHash, timingSafeEqual } from "node:crypto";
import { BridgeError } from "../base/errors.ts";
import { tryUrl } from "../base/url.ts";

export interface GuardPolicy {
  /** Host names besides the loopback ones. */
  allowedHosts: string[];
  /** Origins besides the local ones; `scheme://*` allows a whole scheme. */
  allowedOrigins: string[];
  /** When set, every request must carry it. */
  accessToken?: string | undefined;
}

/** Schemes of editors and desktop apps whose pages may use a local model server, as in Ollama's own list. */
const APP_ORIGINS = ["vscode-webview://*", "vscode-file://*", "app://*", "tauri://*"];

const HOST = /^(\[[0-9a-f:]+\]|[^:[\]]+)(:\d{1,5})?$/;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0)$/;

export interface Guard {
  /**
   * Refuses what a web page could have sent, and whoever lacks the access token, before any body is read.
   *
   * @param pathToken the token from a path `/t/<token>/…`, if there was one
   * @throws BridgeError `forbidden` or `access_denied`, naming the header and the setting
   */
  check(request: Request, pathToken: string | undefined): void;
  /** The headers that let an allowed page read the answer; empty when no page asks. */
  corsHeaders(request: Request): Record<string, string>;
}

/** Order: Host (DNS rebinding), Origin (other sites' pages), Sec-Fetch-Site (pages that hide it), token. */
export function createGuard({ allowedHosts, allowedOrigins, accessToken }: GuardPolicy): Guard {
  const hosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
  const origins = [...APP_ORIGINS, ...allowedOrigins];

  function checkHost(host: string): void {
    const name = HOST.exec(host.toLowerCase())?.[1];
    if (name !== undefined && (LOOPBACK.test(name) || hosts.has(name))) return;
    throw new BridgeError(
      "forbidden",
      `The Host header ${JSON.stringify(host)} is not this machine's. Use 127.0.0.1, or add the name to the setting allowedHosts.`,
    );
  }

  function checkOrigin({ headers, method }: Request): void {
    const origin = headers.get("origin");
    const site = headers.get("sec-fetch-site");
    if (origin !== null && !isAllowed(origin, origins)) {
      throw new BridgeError(
        "forbidden",
        `Pages of the origin ${JSON.stringify(origin)} may not use the bridge. Add it to the setting allowedOrigins if they should.`,
      );
    }
    if (origin === null && site !== null && !["same-origin", "none"].includes(site)) {
      throw new BridgeError("forbidden", "Pages of other sites may not use the bridge.");
    }
    const isJson = /^application\/json\b/i.test(headers.get("content-type") ?? "");
    if ((origin ?? site) !== null && method === "POST" && !isJson) {
      throw new BridgeError("forbidden", "Web pages must send Content-Type: application/json.");
    }
  }

  function checkToken({ headers }: Request, pathToken: string | undefined): void {
    if (accessToken === undefined) return;
    const bearer = /^Bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
    const offered = [bearer, headers.get("x-api-key") ?? undefined, pathToken];
    if (offered.some((token) => token !== undefined && isSame(token, accessToken))) return;
    throw new BridgeError(
      "access_denied",
      "This bridge asks for its access token: as Authorization: Bearer, as x-api-key, or in the URL as /t/<token>/.",
    );
  }

  return {
    check(request, pathToken) {
      checkHost(request.headers.get("host") ?? new URL(request.url).host);
      checkOrigin(request);
      // A preflight cannot carry a token; it learns nothing but which headers may be sent.
      if (request.method !== "OPTIONS") checkToken(request, pathToken);
    },
    corsHeaders({ headers }) {
      const origin = headers.get("origin");
      if (origin === null || !isAllowed(origin, origins)) return {};
      return { "access-control-allow-origin": origin, vary: "Origin" };
    },
  };
}

function isAllowed(origin: string, origins: string[]): boolean {
  const url = tryUrl(origin);
  if (url === undefined) return false;
  if (["http:", "https:"].includes(url.protocol) && url.origin === origin) {
    if (LOOPBACK.test(url.hostname)) return true;
  }
  return origins.some((allowed) => allowed === origin || allowed === `${url.protocol}//*`);
}

/** Digests have one length, so the comparison takes one time. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
