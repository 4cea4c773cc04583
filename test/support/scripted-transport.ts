import type { Transport, TransportCall } from "../../src/upstream/transport.ts";

export interface ScriptedAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: Uint8Array;
  /** The connection breaks after the body instead of ending. */
  cut?: boolean;
}

/** A provider without sockets: answers `/models` with its list and everything else as scripted, in pieces of `size` bytes. */
export function createScriptedTransport(
  answer: ScriptedAnswer,
  { size = Infinity, models = ["gpt-test"] } = {},
): Transport & { calls: TransportCall[] } {
  const calls: TransportCall[] = [];
  return {
    calls,
    send(call) {
      if (new URL(call.url).pathname.endsWith("/models")) {
        const list = JSON.stringify({ data: models.map((id) => ({ id, created: 1767346200 })) });
        return Promise.resolve({ status: 200, headers: {}, body: pieces(Buffer.from(list)) });
      }
      calls.push(call);
      const { status = 200, headers = {}, body, cut = false } = answer;
      return Promise.resolve({ status, headers, body: pieces(body, { size, cut }) });
    },
    close: () => Promise.resolve(),
  };
}

/** Each piece in a turn of its own, as a socket brings them. */
async function* pieces(
  body: Uint8Array,
  { size = Infinity, cut = false } = {},
): AsyncGenerator<Uint8Array> {
  const step = Math.min(size, Math.max(body.length, 1));
  for (let start = 0; start < body.length; start += step) {
    await Promise.resolve();
    yield body.subarray(start, start + step);
  }
  if (cut) throw Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
}
