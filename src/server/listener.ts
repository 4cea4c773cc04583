import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BridgeError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { LineSource } from "./line-reply.ts";
import { contentOf, failure } from "./reply.ts";

export interface ListenOptions {
  /** A loopback address. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Never rejects. */
  app: (request: Request) => Promise<Response>;
  log: Log;
}

export interface Listener {
  readonly port: number;
  /**
   * Stops listening at once, lets running answers finish for up to `drainMs`, then calls `cut` so that
   * they can end with an error line, and closes whatever is left.
   */
  close(options: { drainMs: number; cut: () => void }): Promise<void>;
}

const SERVER_OPTIONS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 15_000,
  /** For receiving a request; answers are not limited. */
  requestTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
  requireHostHeader: true,
  noDelay: true,
};

/** Clients ask for hundreds of models at once, each on a connection of its own. */
const MAX_CONNECTIONS = 1024;
const MAX_REQUESTS_PER_SOCKET = 1000;

/**
 * The only listening socket.
 *
 * @throws BridgeError `port_taken`, or `invalid_settings` for an address that others can reach
 */
export async function listen({ host, port, app, log }: ListenOptions): Promise<Listener> {
  const malformed = () => {
    log.warn("request refused", { status: 400, error: MALFORMED });
    return failure(new BridgeError("invalid_request", MALFORMED));
  };
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const response = isPlain(incoming) ? await app(request) : malformed();
      const content = contentOf(response);
      if (content === undefined) return response;
      await write(content, response, outgoing as ServerResponse);
      return RESPONSE_ALREADY_SENT;
    },
    { overrideGlobalObjects: false, errorHandler: malformed },
  );
  const server = createServer(SERVER_OPTIONS, (incoming, outgoing) => {
    void listener(incoming, outgoing);
  });
  // Nobody begins to send a body that is refused: "continue" is said when somebody reads.
  server.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    incoming.once("resume", () => {
      if (!outgoing.headersSent) outgoing.writeContinue();
    });
    void listener(incoming, outgoing);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  await open(server, { host, port });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: (options) => close(server, options),
  };
}

/** Told for what never becomes a Request. */
const MALFORMED = "The URL or the Host header of the request is malformed. Use http://127.0.0.1.";

/** One Host header and a plain path: two of the first, or a whole URL as the second, are how guards are fooled. */
function isPlain({ rawHeaders, url }: Pick<IncomingMessage, "rawHeaders" | "url">): boolean {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const hosts = names.filter((name) => name.toLowerCase() === "host");
  return hosts.length === 1 && url?.startsWith("/") === true;
}

/**
 * Straight to the socket: the web stream of a Response costs more than translating a line. The next line is
 * asked for when the socket has taken this one.
 */
async function write(
  content: string | LineSource,
  { status, headers }: Response,
  outgoing: ServerResponse,
): Promise<void> {
  const fields = Object.fromEntries(headers);
  if (typeof content === "string") {
    const length = Buffer.byteLength(content);
    outgoing.writeHead(status, { ...fields, "content-length": length }).end(content);
    return;
  }
  outgoing.writeHead(status, fields);
  await writeLines(content, outgoing);
}

async function writeLines(lines: LineSource, outgoing: ServerResponse): Promise<void> {
  const left = new AbortController();
  outgoing.once("close", () => {
    left.abort();
    if (!outgoing.writableFinished) void lines.cancel();
  });
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    if (outgoing.destroyed) {
      await lines.cancel();
      return;
    }
    if (!outgoing.write(line)) await once(outgoing, "drain", left).catch(() => undefined);
  }
  outgoing.end();
}

async function open(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      reject(toListenError(error, { host, port }));
    };
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

function toListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): BridgeError {
  const { code } = error;
  if (code === "EADDRINUSE") {
    const text = `Port ${port} on ${host} is taken, perhaps by Ollama itself. Stop that program, or choose another port.`;
    return new BridgeError("port_taken", text, { cause: error });
  }
  const remedy = code === "EACCES" ? "Choose a port above 1023." : "Choose another host or port.";
  const text = `Port ${port} on ${host} cannot be opened (${code ?? error.message}). ${remedy}`;
  return new BridgeError("invalid_settings", text, { cause: error });
}

const POLL_MS = 25;
/** For the last error lines to leave. */
const FAREWELL_MS = 250;

async function close(
  server: Server,
  { drainMs, cut }: { drainMs: number; cut: () => void },
): Promise<void> {
  const closed = new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  // close() waits for idle keep-alive connections, and those of answers that end now become idle later.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, POLL_MS);
  server.closeIdleConnections();
  const late = setTimeout(cut, drainMs);
  const last = setTimeout(() => {
    server.closeAllConnections();
  }, drainMs + FAREWELL_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(late);
  clearTimeout(last);
}
