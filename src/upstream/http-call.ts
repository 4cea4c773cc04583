import type * as openai from "../protocol/openai.ts";
import type { Auth } from "./presets.ts";
import { single } from "./retry-after.ts";
import type { TransportCall, TransportReply } from "./transport.ts";

/** Below the base URL; DeepSeek's and llama.cpp's are beside its version segment. */
export const COMPLETION_PATHS: Record<openai.CompletionRoute, string> = {
  completions: "/completions",
  fim: "/fim/completions",
  beta: "/../beta/completions",
  infill: "/../infill",
};

/** The header that carries the key, if there is one and it is sent. */
export function keyHeader(auth: Auth, key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  return auth === "bearer" ? { authorization: `Bearer ${key}` } : { [auth]: key };
}

/** Where and with what a call is made; with a body it is a POST. */
export function toCall(
  url: string,
  { headers, body }: { headers: Record<string, string>; body: string | undefined },
): Omit<TransportCall, "signal"> {
  const common = {
    accept: body === undefined ? "application/json" : "text/event-stream, application/json",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...headers,
  };
  const call = { url, headers: common };
  return body === undefined ? { ...call, method: "GET" } : { ...call, method: "POST", body };
}

/** `/..` leaves the version segment, where the base URL ends in one. */
export function join(url: string, path: string): string {
  if (!path.startsWith("/../")) return url + path;
  return url.replace(/\/(v\d+\w*|beta)$/, "") + path.slice("/..".length);
}

/** No API is there: nothing, or a page for people. */
export function isElsewhere({ status, headers }: TransportReply): boolean {
  return status === 404 || /^text\/html/i.test(single(headers["content-type"]) ?? "");
}

/** The body as text, or its start if it is longer. */
export async function readUpTo(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ text: string; complete: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of body) {
    pieces.push(bytes);
    size += bytes.length;
    if (size > maxBytes) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(pieces).subarray(0, maxBytes));
  return { text, complete: size <= maxBytes };
}
