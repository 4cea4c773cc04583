import type { Transport, TransportCall } from "../../src/upstream/transport.ts";

export interface ScriptedAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: Uint8Array;
  /** The connection breaks after the body instead of ending. */
  cut?: boolean;
}

export interface ScriptedOptions {
  /** Bytes in each piece, or the sizes of the pieces, over and over. */
  size?: number | number[];
  /** Ids, or whole entries of the list. */
  models?: (string | object)[];
}

/** A provider without sockets: whatever is got is its list, everything else is answered as scripted, in pieces. */
export function createScriptedTransport(
  answer: ScriptedAnswer,
  { size = Infinity, models = ["gpt-test"] }: ScriptedOptions = {},
): Transport & { calls: TransportCall[] } {
  const calls: TransportCall[] = [];
  return {
    calls,
    send(call) {
      if (call.method === "GET") {
        const list = JSON.stringify({ data: models.map(toEntry) });
        return Promise.resolve({ status: 200, headers: {}, body: pieces(Buffer.from(list)) });
      }
      calls.push(call);
      const { status = 200, headers = {}, body, cut = false } = answer;
      return Promise.resolve({ status, headers, body: pieces(body, { size, cut }) });
    },
    close: () => Promise.resolve(),
  };
}

function toEntry(model: string | object): object {
  return typeof model === "string" ? { id: model, created: 1767346200 } : model;
}

/** Each piece in a turn of its own, as a socket brings them. */
async function* pieces(
  body: Uint8Array,
  { size = Infinity, cut = false }: { size?: number | number[]; cut?: boolean } = {},
): AsyncGenerator<Uint8Array> {
  const sizes = typeof size === "number" ? [size] : size;
  for (let start = 0, turn = 0; start < body.length; turn++) {
    await Promise.resolve();
    const step = Math.min(sizes[turn % sizes.length] ?? Infinity, body.length);
    yield body.subarray(start, start + step);
    start += step;
  }
  if (cut) throw Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
}
