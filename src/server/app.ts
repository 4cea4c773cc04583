import { Hono } from "hono";
import { describeCauses } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { LoadedModels } from "../catalog/loaded-models.ts";
import type { StoredModels } from "../catalog/stored-models.ts";
import type { AnswerCache } from "./answer-cache.ts";
import { createExchange, type Exchange } from "./exchange.ts";
import type { Guard } from "./guard.ts";
import type { HabitsOf } from "./habits.ts";
import type { Meters } from "./meters.ts";
import { contentOf, failure, text } from "./reply.ts";
import { bridgeStatus, metrics } from "./routes/bridge.ts";
import { chat } from "./routes/chat.ts";
import { copy } from "./routes/copy.ts";
import { create } from "./routes/create.ts";
import { remove } from "./routes/delete.ts";
import {
  blob,
  me,
  push,
  recommendations,
  signout,
  status,
  webFetch,
  webSearch,
} from "./routes/elsewhere.ts";
import { embed } from "./routes/embed.ts";
import { embeddings } from "./routes/embeddings.ts";
import { generate } from "./routes/generate.ts";
import { ps } from "./routes/ps.ts";
import { pull } from "./routes/pull.ts";
import { root } from "./routes/root.ts";
import { show } from "./routes/show.ts";
import { tags } from "./routes/tags.ts";
import { v1Chat } from "./routes/v1-chat.ts";
import { v1Completions } from "./routes/v1-completions.ts";
import { v1Embeddings } from "./routes/v1-embeddings.ts";
import { v1Model, v1Models } from "./routes/v1-models.ts";
import { version } from "./routes/version.ts";
import type { TurnMemory } from "./turn-memory.ts";
import { openaiFailure } from "./v1-error.ts";

export interface AppOptions {
  catalog: Catalog;
  stored: StoredModels;
  loaded: LoadedModels;
  turnMemory: TurnMemory;
  habitsOf: HabitsOf;
  cache: AnswerCache;
  meters: Meters;
  /** What `/bridge/status` tells. */
  status: () => object;
  /** What `/metrics` tells, where it is served: Prometheus' text. */
  metrics?: (() => Promise<string>) | undefined;
  guard: Guard;
  clock: Clock;
  log: Log;
  maxBodyBytes: number;
  /** Aborts when the bridge goes down. */
  stopping: AbortSignal;
}

type Route = (exchange: Exchange, options: AppOptions) => Response | Promise<Response>;

const ROUTES: Record<string, Record<string, Route>> = {
  "/": { GET: root, HEAD: root },
  "/api/version": { GET: version, HEAD: version },
  "/api/tags": { GET: tags, HEAD: tags },
  "/api/show": { POST: show },
  "/api/ps": { GET: ps },
  "/api/chat": { POST: chat },
  "/api/generate": { POST: generate },
  "/api/embed": { POST: embed },
  "/api/pull": { POST: pull },
  "/api/create": { POST: create },
  "/api/copy": { POST: copy },
  "/api/delete": { DELETE: remove },
  "/api/push": { POST: push },
  "/api/blobs/:digest": { POST: blob, HEAD: blob },
  "/api/me": { POST: me },
  "/api/signout": { POST: signout },
  "/api/user/keys/:encodedKey": { DELETE: signout },
  "/api/status": { GET: status },
  "/api/experimental/web_search": { POST: webSearch },
  "/api/experimental/web_fetch": { POST: webFetch },
  "/api/experimental/model-recommendations": { GET: recommendations },
  "/api/embeddings": { POST: embeddings },
  "/bridge/status": { GET: bridgeStatus },
  "/metrics": { GET: metrics },
  "/v1/chat/completions": { POST: v1Chat },
  "/v1/completions": { POST: v1Completions },
  "/v1/embeddings": { POST: v1Embeddings },
  "/v1/models": { GET: v1Models },
  "/v1/models/*": { GET: v1Model },
};

/** The whole HTTP side as one function. It never rejects: every error becomes an answer. */
export function createApp(options: AppOptions): (request: Request) => Promise<Response> {
  const hono = new Hono({ getPath: (request) => splitPath(request.url).path });
  for (const [path, methods] of Object.entries(ROUTES)) {
    hono.all(path, ({ req }) =>
      serve(req.raw, options, methods[req.raw.method] ?? refuse(methods)),
    );
  }
  hono.all("*", ({ req }) => serve(req.raw, options, isSlashed(req.path) ? redirect : notFound));
  return async (request) => await hono.fetch(request);
}

async function serve(request: Request, options: AppOptions, route: Route): Promise<Response> {
  const { path, token } = splitPath(request.url);
  const exchange = createExchange(request, {
    ...options,
    path,
    describe: describeCauses,
  });
  const response = await settle(exchange, () => {
    options.guard.check(request, token);
    exchange.log.debug("request", toFacts(request, path));
    return request.method === "OPTIONS" ? preflight() : route(exchange, options);
  });
  const cors = Object.entries(options.guard.corsHeaders(request));
  for (const [name, value] of [...exchange.headers, ...cors]) response.headers.append(name, value);
  return response;
}

const NOT_LOGGED = /^(authorization|cookie|proxy-authorization)$|key|token|secret/i;

/** Headers as far as they are nobody's secret; written only where somebody reads them. */
function toFacts(request: Request, path: string): Record<string, unknown> {
  return {
    route: `${request.method} ${path}`,
    get headers() {
      const shown = [...request.headers].filter(([name]) => !NOT_LOGGED.test(name));
      return shown.map(([name, value]) => `${name}: ${value}`).join("; ");
    },
  };
}

/** Streams finish their exchange themselves, when they end. */
async function settle(
  exchange: Exchange,
  respond: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    const response = await respond();
    const bytesOut = bytesOf(response);
    if (bytesOut !== undefined) exchange.finish(response.status, { bytesOut });
    return response;
  } catch (error) {
    const response = exchange.path.startsWith("/v1/") ? openaiFailure(error) : failure(error);
    exchange.finish(response.status, { error, bytesOut: bytesOf(response) });
    return response;
  }
}

/** Undefined of a stream: it counts itself. */
function bytesOf(response: Response): number | undefined {
  const content = contentOf(response) ?? "";
  return typeof content === "string" ? Buffer.byteLength(content) : undefined;
}

/**
 * `/t/<token>` in front is the access token; doubled slashes come from base URLs that end in one, `/v1/api` and
 * `/v1/v1` from base URLs that end in `/v1`.
 */
function splitPath(url: string): { path: string; token: string | undefined } {
  const path = new URL(url).pathname.replaceAll(/\/{2,}/g, "/");
  const [, token, rest] = /^\/t\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const wanted = token === undefined ? path : (rest ?? "/");
  return { path: wanted.replace(/^\/v1(?=\/(api|v1)\/)/, ""), token };
}

function isSlashed(path: string): boolean {
  return path.endsWith("/") && path.slice(0, -1) in ROUTES;
}

/** As gin does: GET may change into GET only, everything else keeps its method and body. */
const redirect: Route = ({ request }) => {
  const { pathname, search } = new URL(request.url);
  const location = pathname.replaceAll(/\/{2,}/g, "/").slice(0, -1) + search;
  return text("", { status: request.method === "GET" ? 301 : 307, headers: { location } });
};

const notFound: Route = () => text("404 page not found", { status: 404 });

function refuse(methods: Record<string, Route>): Route {
  const allow = Object.keys(methods).join(", ");
  return () => text("405 method not allowed", { status: 405, headers: { allow } });
}

const ALLOWED_HEADERS =
  "Authorization,Content-Type,User-Agent,Accept,X-Requested-With,X-Api-Key,OpenAI-Beta,X-Stainless-Arch,X-Stainless-Async,X-Stainless-Custom-Poll-Interval,X-Stainless-Helper-Method,X-Stainless-Lang,X-Stainless-Os,X-Stainless-Package-Version,X-Stainless-Poll-Helper,X-Stainless-Retry-Count,X-Stainless-Runtime,X-Stainless-Runtime-Version,X-Stainless-Timeout";

/** Ollama's answer to a preflight, with its fixed list of headers and `x-api-key`. Never a private-network header. */
function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS",
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": "43200",
      vary: "Access-Control-Request-Method, Access-Control-Request-Headers",
    },
  });
}
