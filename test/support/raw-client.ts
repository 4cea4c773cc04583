import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { within } from "./deadline.ts";

export interface RawReply {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** The HTTP chunks of the body, one string each; empty for a body with a length. */
  chunks: string[];
}

export interface RawClient {
  socket: Socket;
  /** Everything that has come, byte for byte. */
  received(): Buffer;
  /** The next whole answer, within the deadline; one to HEAD has no body whatever its length says. */
  reply(options?: { label?: string; isHead?: boolean }): Promise<RawReply>;
  /** Resolves when the other side has closed the connection. */
  closed: Promise<void>;
}

/** A client that sends what no HTTP library would. */
export async function connectRaw(port: number, host = "127.0.0.1"): Promise<RawClient> {
  const socket = connect({ port, host, noDelay: true });
  await within("the raw client is connected", once(socket, "connect"));
  let buffer = Buffer.alloc(0);
  let open = true;
  let read = 0;
  let wake: () => void = () => undefined;
  socket.on("data", (data) => {
    buffer = Buffer.concat([buffer, data]);
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      open = false;
      wake();
      resolve();
    });
  });
  // A reset is one of the ways in which a bad client is got rid of.
  socket.on("error", () => undefined);

  async function next(isHead: boolean): Promise<RawReply> {
    for (;;) {
      const parsed = parseReply(buffer.subarray(read), { open, isHead });
      if (parsed) {
        read += parsed.length;
        return parsed.reply;
      }
      if (!open) throw new Error(`closed without a whole answer: ${buffer.toString("latin1")}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    socket,
    received: () => buffer,
    reply: ({ label = "an answer comes", isHead = false } = {}) => within(label, next(isHead)),
    closed,
  };
}

/** Sends a text on a connection of its own and reads one answer. */
export async function sendRaw(port: number, text: string | Buffer): Promise<RawReply> {
  const client = await connectRaw(port);
  try {
    client.socket.write(text);
    const start = text.toString().slice(0, 60);
    return await client.reply({
      label: `an answer to ${JSON.stringify(start)}`,
      isHead: start.startsWith("HEAD "),
    });
  } finally {
    client.socket.destroy();
  }
}

function parseReply(
  bytes: Buffer,
  { open, isHead }: { open: boolean; isHead: boolean },
): { reply: RawReply; length: number } | undefined {
  // One character a byte, so that lengths are bytes.
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [statusLine = "", ...headerLines] = text.slice(0, end).split("\r\n");
  const status = Number(statusLine.split(" ")[1]);
  const headers = Object.fromEntries(
    headerLines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const start = end + 4;
  const found = isHead ? NO_BODY : readBody(text.slice(start), { status, headers, open });
  if (!found) return undefined;
  const { chunks, body, length } = found;
  const reply = { status, headers, body: utf8(body), chunks: chunks.map(utf8) };
  return { reply, length: start + length };
}

const NO_BODY = { body: "", chunks: [], length: 0 };

function readBody(
  text: string,
  { status, headers, open }: { status: number; headers: Record<string, string>; open: boolean },
): { body: string; chunks: string[]; length: number } | undefined {
  if (status === 204 || status === 304 || status < 200) return NO_BODY;
  if (headers["transfer-encoding"] === "chunked") return readChunks(text);
  const declared = headers["content-length"];
  if (declared === undefined) {
    return open ? undefined : { body: text, chunks: [], length: text.length };
  }
  const length = Number(declared);
  return text.length < length ? undefined : { body: text.slice(0, length), chunks: [], length };
}

function readChunks(text: string): { body: string; chunks: string[]; length: number } | undefined {
  const chunks: string[] = [];
  for (let position = 0; ;) {
    const lineEnd = text.indexOf("\r\n", position);
    if (lineEnd < 0) return undefined;
    const size = parseInt(text.slice(position, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (text.length < end + 2) return undefined;
    if (size === 0) return { body: chunks.join(""), chunks, length: end + 2 };
    chunks.push(text.slice(lineEnd + 2, end));
    position = end + 2;
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString();
}
