import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Answer } from "../support/fake-provider.ts";
import { eventually, within } from "../support/deadline.ts";
import { HELLO, parseLines, post, textOf } from "../support/ollama-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";
import {
  event,
  startWatchedProvider,
  textEvent,
  type WatchedProvider,
} from "../support/watched-provider.ts";

const FINISH = event({ choices: [{ delta: {}, finish_reason: "stop" }] });
const DONE = event("[DONE]");

const stream = (...pieces: string[]): Answer => {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const piece of pieces) response.write(piece);
    response.end();
  };
};

/** Odd, and yet whole: the text is "Hello" and the end is a proper one. */
const WHOLE: { name: string; answer: Answer }[] = [
  { name: "a finish reason without [DONE]", answer: stream(textEvent("Hello"), FINISH) },
  { name: "[DONE] without a finish reason", answer: stream(textEvent("Hello"), DONE) },
  {
    name: "an error behind [DONE]",
    answer: stream(textEvent("Hello"), FINISH, DONE, event({ error: "late" }), "<html>"),
  },
  {
    name: "a connection that stays open behind [DONE]",
    answer: (response) => {
      response.write(textEvent("Hello") + FINISH + DONE);
    },
  },
  {
    name: "a connection reset behind [DONE]",
    answer: (response) => {
      response.write(textEvent("Hello") + FINISH + DONE);
      setImmediate(() => response.socket?.resetAndDestroy());
    },
  },
  {
    name: "interim answers of status 1xx before the real one",
    answer: (response, request) => {
      for (let count = 0; count < 20; count++) response.writeProcessing();
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      return stream(textEvent("Hello"), FINISH, DONE)(response, request);
    },
  },
  {
    name: "JSON, though a stream was asked for",
    answer: (response) => {
      const choices = [{ message: { content: "Hello" }, finish_reason: "stop" }];
      response.setHeader("content-type", "application/json").end(JSON.stringify({ choices }));
    },
  },
  {
    name: "a stream that calls itself a web page",
    answer: (response) => {
      response.setHeader("content-type", "text/html").end(textEvent("Hello") + FINISH);
    },
  },
  {
    name: "trailers",
    answer: (response) => {
      response.writeHead(200, { trailer: "x-usage" });
      response.write(textEvent("Hello") + FINISH + DONE);
      response.addTrailers({ "x-usage": "7" });
      response.end();
    },
  },
  {
    name: "a body that ends with the connection instead of a length",
    answer: (response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\n\r\n${textEvent("Hello")}${FINISH}${DONE}`);
    },
  },
];

describe("An odd answer", () => {
  let provider: WatchedProvider;
  let bridge: RunningBridge;

  beforeEach(async () => {
    provider = await startWatchedProvider(stream(DONE));
    bridge = await startBridge(provider.baseUrl);
  });

  afterEach(async () => {
    await bridge.close();
    await provider.close();
  });

  for (const { name, answer } of WHOLE) {
    it(`is taken as whole with ${name}`, async () => {
      provider.answer = answer;
      const response = await within("an answer", post(`${bridge.url}/api/chat`, HELLO));
      assert.equal(response.status, 200);
      const lines = parseLines(await within("the end", response.text()));
      assert.equal(textOf(lines), "Hello");
      assert.equal(lines.at(-1)?.done, true);
      assert.equal(lines.at(-1)?.done_reason, "stop");
      await eventually("no call stays open at the provider", () => provider.openChats === 0);
    });
  }

  it("that is compressed though nobody asked is a failure, not garbage", async () => {
    provider.answer = (response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync(textEvent("Hello") + FINISH + DONE));
    };
    const response = await post(`${bridge.url}/api/chat`, HELLO);
    assert.equal(response.status, 502);
    assert.match(await response.text(), /^\{"error":"local: /);
  });

  it("passes neither the provider's cookies nor its CORS headers on", async () => {
    provider.answer = (response) => {
      response.writeHead(200, {
        "set-cookie": "session=1",
        "access-control-allow-origin": "*",
        location: "https://elsewhere.example",
      });
      response.end(textEvent("Hello") + FINISH + DONE);
    };
    const { headers } = await post(`${bridge.url}/api/chat`, HELLO);
    for (const name of ["set-cookie", "access-control-allow-origin", "location"]) {
      assert.equal(headers.get(name), null, name);
    }
  });
});
