import assert from "node:assert/strict";
import { connect } from "node:net";
import { eventually, within } from "../support/deadline.ts";
import { sse, startFakeProvider, textChunks, type FakeProvider } from "../support/fake-provider.ts";
import { askChat, startBridge, type RunningBridge } from "../support/running-bridge.ts";

const BODY = JSON.stringify({ model: "gpt-test", messages: [{ role: "user", content: "Hi" }] });

/** Speaks HTTP by hand, so that each write of the bridge can be seen. */
function openRaw({ port }: RunningBridge) {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  return socket;
}

describe("a client", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  beforeEach(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl);
    await bridge.catalog.list();
  });

  afterEach(async () => {
    await bridge.close();
    await provider.close();
  });

  const asked = () => provider.requests.find(({ path }) => path.endsWith("/chat/completions"));

  it("that hangs up before the first byte ends the provider's call at once", async () => {
    provider.answer = () => undefined;
    const leaving = new AbortController();
    const answer = askChat(bridge.url, leaving.signal);
    await eventually("the provider is asked", () => asked() !== undefined);
    leaving.abort();
    await assert.rejects(answer, { name: "AbortError" });
    await within("the provider's call ends", asked()?.aborted ?? Promise.reject(new Error("none")));
    await eventually("the log tells", () =>
      bridge.log.lines.some(
        ({ message, facts }) => message === "client hung up" && facts["status"] === 499,
      ),
    );
  });

  it("that hangs up in the middle ends the provider's call at once", async () => {
    provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${textChunks("Hello")[1] ?? ""}\n\n`);
    };
    const leaving = new AbortController();
    const answer = await askChat(bridge.url, leaving.signal);
    assert.equal(answer.status, 200);
    leaving.abort();
    await within("the provider's call ends", asked()?.aborted ?? Promise.reject(new Error("none")));
    await eventually("the log tells", () =>
      bridge.log.lines.some(({ message }) => message === "client hung up"),
    );
  });

  it("that does not read stops the provider instead of filling memory", async () => {
    const event = `data: ${textChunks("x".repeat(10_000))[1] ?? ""}\n\n`;
    let written = 0;
    let isStalled = false;
    provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const more = () => {
        isStalled = false;
        while (!response.destroyed && written < 200e6) {
          written += event.length;
          if (!response.write(event)) {
            isStalled = true;
            response.once("drain", more);
            return;
          }
        }
      };
      more();
    };
    const socket = openRaw(bridge).pause();
    let before = -1;
    await eventually(
      "the provider waits",
      async () => {
        const still = isStalled && written === before;
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 150));
        return still && written === before;
      },
      15_000,
    );
    socket.destroy();
    assert.ok(written < 32e6, `${written} bytes were taken`);
  });

  it("gets one line per write, though the provider sends eight events at once", async () => {
    provider.answer = sse(textChunks("a", "b", "c", "d", "e", "f", "g", "h"));
    const reads: string[] = [];
    const socket = openRaw(bridge);
    const ended = new Promise<void>((resolve) => {
      socket.on("data", (data: Buffer) => {
        reads.push(data.toString());
        if (reads.join("").endsWith("0\r\n\r\n")) resolve();
      });
    });
    await within("the answer ends", ended);
    socket.destroy();
    const chunks = reads.join("").split("\r\n\r\n").slice(1).join("\r\n\r\n").split("\r\n");
    const lines = chunks.filter((chunk) => chunk.startsWith("{"));
    assert.equal(lines.length, 9);
    for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
    const withTwo = reads.filter((read) => (read.match(/\}\n\r\n/g) ?? []).length > 1);
    assert.deepEqual(withTwo, []);
  });

  it("finds one connection to the provider used again and again", async () => {
    for (let call = 0; call < 20; call++) await (await askChat(bridge.url)).text();
    assert.equal(provider.connections, 1);
  });

  it("is one of fifty at the same time, and each gets its whole answer", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => (await askChat(bridge.url)).text()),
    );
    for (const text of answers) assert.match(text, /"done":true/);
  });
});
