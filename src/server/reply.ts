import { BridgeError, type BridgeErrorCode } from "../base/errors.ts";
import { errorBody, type LineSource } from "./line-reply.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const NDJSON_TYPE = "application/x-ndjson";
const SSE_TYPE = "text/event-stream";

const STATUS: Record<BridgeErrorCode, number> = {
  invalid_request: 400,
  invalid_option: 500,
  model_not_found: 404,
  model_ambiguous: 400,
  context_overflow: 400,
  too_many_waiting: 503,
  failed_on_the_way: 500,
  not_stored: 500,
  not_here: 404,
  not_signed_in: 401,
  cloud_disabled: 403,
  body_too_large: 413,
  forbidden: 403,
  access_denied: 401,
  stopping: 503,
  upstream_rejected: 400,
  upstream_unauthorized: 401,
  upstream_payment_required: 402,
  upstream_forbidden: 403,
  upstream_not_found: 404,
  upstream_too_large: 413,
  upstream_rate_limited: 429,
  upstream_quota_exceeded: 429,
  upstream_failed: 502,
  upstream_unavailable: 503,
  upstream_timeout: 504,
  invalid_settings: 500,
  port_taken: 500,
  internal: 500,
};

/** One JSON object. */
export function json(body: unknown): Response {
  return jsonText(JSON.stringify(body));
}

/** One JSON object that is text already. */
export function jsonText(body: string): Response {
  return whole(body, { headers: { "content-type": JSON_TYPE } });
}

/** Success without a body. */
export function empty(): Response {
  return whole("", {});
}

export function text(body: string, { status = 200, headers = {} } = {}): Response {
  return whole(body, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/** The only place where an error becomes HTTP. A bug is told as one; what it was is in the log. */
export function failure(error: unknown): Response {
  return failureWith(error, { body: errorBody(error), status: nativeStatusOf(error) });
}

/** The same with a body in another API's shape. */
export function failureWith(
  error: unknown,
  { body, status }: { body: string; status: number },
): Response {
  const known = error instanceof BridgeError ? error : undefined;
  return whole(body, {
    status,
    headers: {
      "content-type": JSON_TYPE,
      ...(known?.retryAfter !== undefined && { "retry-after": known.retryAfter }),
      ...(known?.code === "access_denied" && { "www-authenticate": "Bearer" }),
      // What of the body was not read is not read any more.
      ...(known?.code === "body_too_large" && { connection: "close" }),
    },
  });
}

/** The HTTP status that an error has before the first byte. */
export function statusOf(error: unknown): number {
  return error instanceof BridgeError ? STATUS[error.code] : STATUS.internal;
}

/**
 * The same on Ollama's own routes: there 401 means ollama.com. Its Go client drops the words of any 401, and asks people
 * to sign in.
 */
function nativeStatusOf(error: unknown): number {
  const status = statusOf(error);
  const isProviders = error instanceof BridgeError && error.code === "upstream_unauthorized";
  return isProviders ? STATUS.upstream_failed : status;
}

/** What a reply of ours consists of, for a socket that takes it without a web stream in between. */
const contents = new WeakMap<Response, string | LineSource>();

export function contentOf(response: Response): string | LineSource | undefined {
  return contents.get(response);
}

function whole(body: string, init: ResponseInit): Response {
  const response = new Response(body, init);
  contents.set(response, body);
  return response;
}

/** A stream of JSON lines. */
export function ndjson(source: LineSource): Response {
  return lines(source, { "content-type": NDJSON_TYPE });
}

/** A stream of server-sent events; each of the lines is one. */
export function sse(source: LineSource): Response {
  return lines(source, { "content-type": SSE_TYPE, "cache-control": "no-cache" });
}

function lines(source: LineSource, headers: Record<string, string>): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const line = await source.next();
        if (line === undefined) controller.close();
        else controller.enqueue(Buffer.from(line));
      },
      cancel: () => source.cancel(),
    },
    { highWaterMark: 0 },
  );
  const response = new Response(body, { headers });
  contents.set(response, source);
  return response;
}
