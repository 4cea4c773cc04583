import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Agent, request as send } from "undici";
import { announce } from "./announce.ts";

// A process of its own: bytes in, bytes out, the least that a proxy in Node can do.
// With --split each event is a write and a turn of its own, as the bridge's lines must be: the least that
// a proxy which keeps that rule can do.

const [origin = "", mode] = process.argv.slice(2);
const dispatcher = new Agent({ connections: 1024, pipelining: 1 });
const forwardBody = mode === "--split" ? forwardEvents : forwardBytes;

announce(
  createServer((request, response) => {
    forward(request, response).catch(() => response.destroy());
  }),
);

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { statusCode, headers, body } = await send(`${origin}${request.url ?? ""}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await readAll(request),
    dispatcher,
  });
  response.writeHead(statusCode, headers);
  await forwardBody(body, response);
}

async function readAll(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const bytes of request) pieces.push(bytes);
  return Buffer.concat(pieces);
}

function forwardBytes(body: NodeJS.ReadableStream, response: ServerResponse): void {
  body.pipe(response);
}

/** A read that ends in the middle of an event is rare here and is written as it is: nothing is lost. */
async function forwardEvents(body: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  for await (const bytes of body) {
    for (let start = 0, end = 0; start < bytes.length; start = end) {
      if (start > 0) await nextTurn();
      const gap = bytes.indexOf("\n\n", start);
      end = gap === -1 ? bytes.length : gap + 2;
      if (!response.write(bytes.subarray(start, end))) await drained(response);
    }
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once("drain", resolve));
}
