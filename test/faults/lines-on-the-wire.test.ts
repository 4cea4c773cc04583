import assert from "node:assert/strict";
import { HELLO, parseLines, textOf } from "../support/ollama-client.ts";
import { askChat, startBridge, type RunningBridge } from "../support/running-bridge.ts";
import { sendRaw } from "../support/raw-client.ts";
import {
  event,
  startWatchedProvider,
  textEvent,
  type WatchedProvider,
} from "../support/watched-provider.ts";

const WORDS = ["Grüße", " 👋🏽", " {}\n", "", " x".repeat(40_000), " a", " b", " c", " d", "."];
const ANSWER = Buffer.from(
  WORDS.map(textEvent).join("") +
    event({ choices: [{ delta: {}, finish_reason: "stop" }] }) +
    event("[DONE]"),
);

function chatText(): string {
  const body = JSON.stringify(HELLO);
  return `POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe("A streamed answer on the wire", () => {
  let provider: WatchedProvider;
  let bridge: RunningBridge;

  beforeEach(async () => {
    provider = await startWatchedProvider((response) => {
      response.end(ANSWER);
    });
    bridge = await startBridge(provider.baseUrl);
  });

  afterEach(async () => {
    await bridge.close();
    await provider.close();
  });

  for (const size of [1024 * 1024, 1000, 7, 3]) {
    it(`has one line in each HTTP chunk when the provider writes ${size} bytes at a time`, async () => {
      // Ends of pieces fall into characters, events and line breaks alike; small ones only around the start.
      provider.answer = (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const fine = Math.min(ANSWER.length, size * 200);
        for (let start = 0; start < fine; start += size) {
          response.write(ANSWER.subarray(start, Math.min(start + size, fine)));
        }
        response.end(ANSWER.subarray(fine));
      };
      const { status, headers, chunks, body } = await sendRaw(bridge.port, chatText());
      assert.equal(status, 200);
      assert.equal(headers["content-type"], "application/x-ndjson");
      assert.equal(headers["content-length"], undefined);
      for (const chunk of chunks) {
        assert.match(chunk.slice(-200), /\}\n$/);
        assert.equal(chunk.indexOf("\n"), chunk.length - 1, chunk.slice(0, 200));
      }
      assert.equal(chunks.length, WORDS.filter((word) => word !== "").length + 1);
      assert.equal(textOf(parseLines(body)), WORDS.join(""));
    });
  }

  it("has the error in a chunk of its own", async () => {
    provider.answer = (response) => {
      response.end(textEvent("a") + textEvent("b") + event({ error: { message: "gone" } }));
    };
    const { chunks } = await sendRaw(bridge.port, chatText());
    assert.equal(chunks.length, 3);
    assert.equal(chunks[2], '{"error":"local: gone"}\n');
  });

  it("keeps the client's connection for its next request", async () => {
    const { headers } = await sendRaw(bridge.port, chatText());
    assert.notEqual(headers["connection"], "close");
  });

  it("leaves the provider's connection for the next call, though its end comes after [DONE]", async () => {
    provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(ANSWER);
      setImmediate(() => {
        response.write(": bye\n\n");
        setImmediate(() => response.end());
      });
    };
    for (let call = 0; call < 20; call++) await (await askChat(bridge.url)).text();
    assert.ok(provider.connections <= 2, `${provider.connections} connections`);
  });
});
