import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface ProviderRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Parsed JSON, undefined without a body. */
  body: unknown;
  /** Resolves when the bridge closes the connection before the answer has ended. */
  aborted: Promise<void>;
}

export type Answer = (response: ServerResponse, request: ProviderRequest) => void | Promise<void>;

export interface FakeProvider {
  /** With `/v1`. */
  baseUrl: string;
  requests: ProviderRequest[];
  /** How the next calls of `/chat/completions` are answered. */
  answer: Answer;
  /** What `/models` lists. */
  models: string[];
  /** Connections accepted so far. */
  connections: number;
  close(): Promise<void>;
}

/** An OpenAI-compatible provider on loopback that does as it is told. */
export async function startFakeProvider(
  answer: Answer = sse(textChunks("Hello", " world")),
  { models = ["gpt-test"] } = {},
): Promise<FakeProvider> {
  const server = createServer((message, response) => {
    const pieces: Buffer[] = [];
    message.on("data", (piece: Buffer) => pieces.push(piece));
    message.on("end", () => {
      const text = Buffer.concat(pieces).toString();
      const request: ProviderRequest = {
        method: message.method ?? "",
        path: message.url ?? "",
        headers: message.headers,
        body: text === "" ? undefined : JSON.parse(text),
        aborted: new Promise((resolve) => {
          response.on("close", () => {
            if (!response.writableFinished) resolve();
          });
        }),
      };
      provider.requests.push(request);
      if (request.path.startsWith("/v1/models")) {
        const data = provider.models.map((id) => ({ id, object: "model" }));
        void json({ object: "list", data })(response, request);
      } else void provider.answer(response, request);
    });
  });
  server.on("connection", () => provider.connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const provider: FakeProvider = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: [],
    answer,
    models,
    connections: 0,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return provider;
}

/** The events of an ordinary answer: role, text, finish, usage, `[DONE]`. */
export function textChunks(...texts: string[]): string[] {
  const chunk = (delta: object, finish_reason: string | null = null) =>
    JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1767346200,
      model: "gpt-test-2026-01-01",
      choices: [{ index: 0, delta, finish_reason }],
    });
  return [
    chunk({ role: "assistant", content: "" }),
    ...texts.map((content) => chunk({ content })),
    chunk({}, "stop"),
    JSON.stringify({
      object: "chat.completion.chunk",
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: texts.length, total_tokens: 7 + texts.length },
    }),
    "[DONE]",
  ];
}

/** All events at once. */
export function sse(events: string[]): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map((data) => `data: ${data}\n\n`).join(""));
  };
}

export function json(body: unknown, { status = 200, headers = {} } = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}
