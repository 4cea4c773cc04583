import { BridgeError, type BridgeErrorCode } from "../base/errors.ts";

const JSON_TYPE = "application/json; charset=utf-8";
const NDJSON_TYPE = "application/x-ndjson";

const STATUS: Record<BridgeErrorCode, number> = {
  invalid_request: 400,
  invalid_option: 500,
  model_not_found: 404,
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
  return new Response(body, { headers: { "content-type": JSON_TYPE } });
}

export function text(body: string, { status = 200, headers = {} } = {}): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/** The only place where an error becomes HTTP. A bug is told as one; what it was is in the log. */
export function failure(error: unknown): Response {
  const known = error instanceof BridgeError ? error : undefined;
  return new Response(errorBody(error), {
    status: known ? STATUS[known.code] : 500,
    headers: {
      "content-type": JSON_TYPE,
      ...(known?.retryAfter !== undefined && { "retry-after": known.retryAfter }),
      ...(known?.code === "access_denied" && { "www-authenticate": "Bearer" }),
      // What of the body was not read is not read any more.
      ...(known?.code === "body_too_large" && { connection: "close" }),
    },
  });
}

function errorBody(error: unknown): string {
  const message =
    error instanceof BridgeError ? error.message : "internal error: see the log of Llama Bridge";
  return JSON.stringify({ error: message });
}

/** @param error `undefined` when the stream came to its end */
export type StreamEnd = (error?: unknown) => void;

/**
 * A stream of lines, each in a write and an event-loop turn of its own: Cody and others parse per read.
 * The caller has awaited the first lines, so that a failure before them could still have its status. One
 * after them is the last line, `{"error":…}`.
 */
export function ndjson(
  lines: AsyncIterator<string[]>,
  { first, onEnd }: { first: string[]; onEnd: StreamEnd },
): Response {
  let batch = first;
  let next = 0;
  let crowded = false;

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      if (crowded) await nextTurn();
      if (next === batch.length) {
        const result = await lines.next();
        if (result.done) {
          controller.close();
          onEnd();
          return;
        }
        batch = result.value;
        next = 0;
      }
      crowded = batch.length > 1;
      controller.enqueue(Buffer.from(batch[next++] ?? ""));
    } catch (error) {
      controller.enqueue(Buffer.from(`${errorBody(error)}\n`));
      controller.close();
      onEnd(error);
    }
  }

  const stream = new ReadableStream<Uint8Array>(
    {
      pull,
      async cancel() {
        onEnd();
        await lines.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  // Without the header @hono/node-server reads ahead and joins the first chunks.
  const headers = { "content-type": NDJSON_TYPE, "transfer-encoding": "chunked" };
  return new Response(stream, { headers });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
