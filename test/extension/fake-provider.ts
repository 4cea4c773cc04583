import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** An OpenAI-compatible provider with one model that always answers the same. */
export interface FakeProvider {
  port: number;
  /** What users enter: `http://127.0.0.1:40001/v1`. */
  baseUrl: string;
  /** All requests so far, oldest first. */
  requests: SeenRequest[];
  close: () => Promise<void>;
}

interface SeenRequest {
  path: string;
  authorization: string | undefined;
  body: string;
}

export const FAKE_MODEL = "fake-model";
export const FAKE_ANSWER = ["The bridge", " carries", " the words."];

export async function startFakeProvider(): Promise<FakeProvider> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void remember(requests, request).then(({ path }) => {
      answer(path, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function remember(seen: SeenRequest[], request: IncomingMessage): Promise<SeenRequest> {
  const one = {
    path: request.url ?? "",
    authorization: request.headers.authorization,
    body: await text(request),
  };
  seen.push(one);
  return one;
}

function answer(path: string, response: ServerResponse): void {
  if (path === "/v1/models") {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ object: "list", data: [{ id: FAKE_MODEL, object: "model" }] }));
  } else if (path === "/v1/chat/completions") {
    response.setHeader("content-type", "text/event-stream");
    for (const content of FAKE_ANSWER) response.write(event([choice({ content })]));
    response.write(event([choice({}, "stop")]));
    const usage = { prompt_tokens: 5, completion_tokens: FAKE_ANSWER.length, total_tokens: 8 };
    response.write(event([], { usage }));
    response.end("data: [DONE]\n\n");
  } else {
    response.statusCode = 404;
    response.end(JSON.stringify({ error: { message: `no such path: ${path}` } }));
  }
}

function choice(delta: object, finish_reason: string | null = null): object {
  return { index: 0, delta, finish_reason };
}

function event(choices: object[], rest: object = {}): string {
  const chunk = { id: "1", object: "chat.completion.chunk", created: 1, model: FAKE_MODEL };
  return `data: ${JSON.stringify({ ...chunk, choices, ...rest })}\n\n`;
}
