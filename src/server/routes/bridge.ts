import type { Exchange } from "../exchange.ts";
import { json, text } from "../reply.ts";

/** `GET /bridge/status`: providers, meters and memory as JSON. */
export function bridgeStatus(_exchange: Exchange, { status }: { status: () => object }): Response {
  return json(status());
}

/** `GET /metrics`: the meters in Prometheus' text, where the host has switched them on. */
export async function metrics(
  _exchange: Exchange,
  { metrics: read }: { metrics?: (() => Promise<string>) | undefined },
): Promise<Response> {
  if (!read) return text("404 page not found", { status: 404 });
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return text(await read(), { headers });
}
