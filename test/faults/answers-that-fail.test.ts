import assert from "node:assert/strict";
import { json, sse, type Answer } from "../support/fake-provider.ts";
import { eventually, within } from "../support/deadline.ts";
import { errorOf, HELLO, post } from "../support/ollama-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";
import { event, startWatchedProvider, type WatchedProvider } from "../support/watched-provider.ts";

interface Failing {
  name: string;
  answer: Answer;
  status: number;
  error: RegExp;
}

const html = (status: number, title: string): Answer => {
  return (response) => {
    response.writeHead(status, { "content-type": "text/html" });
    response.end(`<!doctype html>\n<html><head><title>${title}</title></head></html>`);
  };
};

const reset: Answer = (response) => {
  response.socket?.resetAndDestroy();
};

const resetAfterHeaders: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
  setImmediate(() => response.socket?.resetAndDestroy());
};

const endless = (status: number, piece: string): Answer => {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", more);
    more();
  };
};

const CASES: Failing[] = [
  {
    name: "a connection reset before the headers",
    answer: reset,
    status: 502,
    error: /^local: it closed the connection\.$/,
  },
  {
    name: "a connection closed before the headers",
    answer: (response) => void response.socket?.destroy(),
    status: 502,
    error: /^local: it closed the connection\.$/,
  },
  {
    name: "a connection reset between headers and body",
    answer: resetAfterHeaders,
    status: 502,
    error: /^local: it closed the connection\.$/,
  },
  {
    name: "what is no HTTP at all",
    answer: (response) => void response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n"),
    status: 502,
    error: /^local: the connection failed/,
  },
  {
    name: "a web page of status 200",
    answer: html(200, "Sign in"),
    status: 502,
    error: /web page.*"Sign in".*Check the base URL/,
  },
  {
    name: "a web page of status 502",
    answer: html(502, "Bad gateway"),
    status: 502,
    error: /"Bad gateway".*HTTP 502/,
  },
  {
    name: "an empty answer of status 200",
    answer: (response) => void response.writeHead(200).end(),
    status: 502,
    error: /^local: the answer is empty\.$/,
  },
  {
    name: "a stream that ends before its first event",
    answer: sse([]),
    status: 502,
    error: /^local: the answer is empty\.$/,
  },
  {
    name: "an answer of status 204",
    answer: (response) => void response.writeHead(204).end(),
    status: 502,
    error: /^local: .*HTTP 204/,
  },
  {
    name: "an error event with a status of its own as the first",
    answer: sse([JSON.stringify({ error: { message: "slow down", code: 429 } })]),
    status: 429,
    error: /^local: slow down\. It is a rate limit/,
  },
  {
    name: "an error event with words for a status as the first",
    answer: sse([JSON.stringify({ error: { message: "no credit", type: "insufficient_quota" } })]),
    status: 429,
    error: /^local: no credit\. The account has nothing left to spend/,
  },
  {
    name: "an error event behind comments and empty deltas",
    answer: (response) => {
      const role = event({ choices: [{ delta: { role: "assistant", content: "" } }] });
      response.end(`: PROCESSING\n\n${role}${event({ error: { message: "gone", code: 503 } })}`);
    },
    status: 503,
    error: /^local: gone$/,
  },
  {
    name: "an error of status 500 without an end",
    answer: endless(500, "x".repeat(64 * 1024)),
    status: 502,
    error: /^local: x{2000}… \(HTTP 500\)$/,
  },
];

describe("An answer that fails before its first word", () => {
  let provider: WatchedProvider;
  let bridge: RunningBridge;

  beforeEach(async () => {
    provider = await startWatchedProvider(reset);
    bridge = await startBridge(provider.baseUrl);
  });

  afterEach(async () => {
    await bridge.close();
    await provider.close();
  });

  for (const { name, answer, status, error } of CASES) {
    for (const stream of [true, false]) {
      const how = stream ? "streamed" : "not streamed";
      it(`has status ${status} and one sentence for ${name} (${how})`, async () => {
        provider.answer = answer;
        const reply = post(`${bridge.url}/api/chat`, { ...HELLO, stream });
        const response = await within("the failure is told", reply);
        assert.equal(response.status, status);
        assert.match(await errorOf(response), error);
        await eventually("no call stays open at the provider", () => provider.openChats === 0);
        assert.equal((await fetch(`${bridge.url}/api/version`)).status, 200);
        provider.answer = json({
          choices: [{ message: { content: "ok" }, finish_reason: "stop" }],
        });
        assert.equal((await post(`${bridge.url}/api/chat`, HELLO)).status, 200);
      });
    }
  }
});
