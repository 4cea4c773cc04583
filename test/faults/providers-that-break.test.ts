import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { within } from "../support/deadline.ts";
import {
  sse,
  startFakeProvider,
  textChunks,
  type Answer,
  type FakeProvider,
} from "../support/fake-provider.ts";
import { askChat, startBridge, type RunningBridge } from "../support/running-bridge.ts";

const LIMITS = { timeouts: { firstByteMs: 150, idleMs: 500, totalMs: 300 } };

const begin: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(`data: ${textChunks("Hello")[1] ?? ""}\n\n`);
};

describe("a provider that breaks", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  beforeEach(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl, { settings: LIMITS, key: "test-key" });
    await bridge.catalog.list();
    provider.requests.length = 0;
  });

  afterEach(async () => {
    const version = await fetch(`${bridge.url}/api/version`);
    assert.equal(version.status, 200, "the bridge still answers");
    await bridge.close();
    await provider.close();
  });

  async function chat(answer: Answer): Promise<{ status: number; text: string; last: unknown }> {
    provider.answer = answer;
    const response = await within("the bridge answers", askChat(bridge.url));
    const text = await within("the answer ends", response.text());
    return {
      status: response.status,
      text,
      last: JSON.parse(text.trimEnd().split("\n").at(-1) ?? ""),
    };
  }

  function assertError(last: unknown, pattern: RegExp): void {
    assert.deepEqual(Object.keys(last as object), ["error"]);
    assert.match((last as { error: string }).error, pattern);
  }

  it("by hanging up before its headers is told as 502", async () => {
    const { status, last } = await chat((response) => {
      response.destroy();
    });
    assert.equal(status, 502);
    assertError(last, /^local: it closed the connection/);
  });

  it("by hanging up after its headers is told as 502", async () => {
    const { status, last } = await chat((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      setImmediate(() => response.destroy());
    });
    assert.equal(status, 502);
    assertError(last, /closed the connection/);
  });

  it("by hanging up in the middle ends the stream with an error line", async () => {
    const { status, text, last } = await chat((response, request) => {
      void begin(response, request);
      setTimeout(() => response.destroy(), 20);
    });
    assert.equal(status, 200);
    assert.match(text, /"content":"Hello"/);
    assert.doesNotMatch(text, /"done":true/);
    assertError(last, /closed the connection/);
  });

  it("by not listening at all is told with a remedy", async () => {
    await provider.close();
    const response = await askChat(bridge.url);
    assert.equal(response.status, 502);
    assert.match(await response.text(), /nothing listens there/);
    provider = await startFakeProvider();
  });

  it("by silence before the first byte meets the first time limit", async () => {
    const { status, last } = await chat(() => undefined);
    assert.equal(status, 504);
    assertError(last, /"local" sent no answer within 150 ms \(setting timeouts\.firstByteMs\)/);
    await within(
      "its socket is released",
      provider.requests[0]?.aborted ?? Promise.reject(new Error("none")),
    );
  });

  it("by silence in the middle meets the idle limit", async () => {
    const { status, last } = await chat(begin);
    assert.equal(status, 200);
    assertError(last, /sent nothing more within 500 ms \(setting timeouts\.idleMs\)/);
    await within(
      "its socket is released",
      provider.requests[0]?.aborted ?? Promise.reject(new Error("none")),
    );
  });

  it("keeps alive by comments", async () => {
    const { text } = await chat((response, request) => {
      void begin(response, request);
      let comments = 0;
      const timer = setInterval(() => {
        if (++comments <= 12) response.write(": keep-alive\n\n");
        else {
          clearInterval(timer);
          response.end(`data: ${textChunks()[1] ?? ""}\n\ndata: [DONE]\n\n`);
        }
      }, 50);
    });
    assert.match(text, /"done":true,"done_reason":"stop"/);
  });

  it("by a drip that never ends meets the total limit, where nothing is streamed", async () => {
    provider.answer = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 50);
      response.on("close", () => {
        clearInterval(timer);
      });
    };
    const body = JSON.stringify({ model: "gpt-test", prompt: "Hi", stream: false });
    const response = await fetch(`${bridge.url}/api/generate`, { method: "POST", body });
    assert.equal(response.status, 504);
    assert.match(
      await response.text(),
      /no complete answer within 300 ms \(setting timeouts\.totalMs\)/,
    );
  });

  it("by an endless error page is read to a bound", async () => {
    const { status, last } = await chat((response) => {
      response.writeHead(500, { "content-type": "text/plain" });
      const more = () => {
        while (response.write("x".repeat(65_536)));
        response.once("drain", more);
      };
      more();
    });
    assert.equal(status, 502);
    assert.ok((last as { error: string }).error.length < 3000);
  });

  it("by a redirect gets no second request, and no key goes elsewhere", async () => {
    let visits = 0;
    const elsewhere: Server = createServer((_, response) => {
      visits++;
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
    const { port } = elsewhere.address() as AddressInfo;
    const { status, last } = await chat((response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/v1/chat/completions` }).end();
    });
    elsewhere.close();
    assert.equal(status, 502);
    assertError(last, new RegExp(`redirects to http://127\\.0\\.0\\.1:${port} \\(HTTP 307\\)`));
    assert.equal(visits, 0);
  });

  it("is sent the key once, and nothing of the client's own headers", async () => {
    provider.answer = sse(textChunks("Hello"));
    await fetch(`${bridge.url}/api/chat`, {
      method: "POST",
      headers: { authorization: "Bearer client", "x-api-key": "client", cookie: "a=client" },
      body: JSON.stringify({ model: "gpt-test", messages: [{ role: "user", content: "Hi" }] }),
    });
    const headers = provider.requests.at(-1)?.headers ?? {};
    assert.equal(headers.authorization, "Bearer test-key");
    assert.equal(headers["accept-encoding"], undefined);
    assert.doesNotMatch(JSON.stringify(headers), /client/);
  });
});
