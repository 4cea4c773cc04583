import assert from "node:assert/strict";
import { eventually, within } from "../support/deadline.ts";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { HELLO } from "../support/ollama-client.ts";
import { connectRaw, sendRaw } from "../support/raw-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const LIMIT = 4096;
const HEAD = "POST /api/chat HTTP/1.1\r\nHost: localhost\r\n";

/** A request of exactly so many bytes. */
function bodyOf(bytes: number): string {
  const empty = JSON.stringify({ ...HELLO, padding: "" });
  return JSON.stringify({ ...HELLO, padding: "x".repeat(bytes - empty.length) });
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

describe("The limit of a request's body", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  before(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl, { settings: { limits: { maxBodyBytes: LIMIT } } });
  });

  after(async () => {
    await bridge.close();
    await provider.close();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  function assertTooLarge({ status, body }: { status: number; body: string }): void {
    assert.equal(status, 413);
    const { error } = JSON.parse(body) as { error: string };
    assert.match(error, /larger than 4096 bytes \(setting limits\.maxBodyBytes\)/);
    assert.equal(provider.requests.length, 0, "the provider is not asked");
  }

  it("is reached by a body of exactly its length", async () => {
    const text = `${HEAD}Content-Length: ${LIMIT}\r\n\r\n${bodyOf(LIMIT)}`;
    assert.equal((await sendRaw(bridge.port, text)).status, 200);
    const chunked = `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk(bodyOf(LIMIT))}0\r\n\r\n`;
    assert.equal((await sendRaw(bridge.port, chunked)).status, 200);
  });

  it("is told at the headers when they say that it will be passed", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write(`${HEAD}Content-Length: ${LIMIT + 1}\r\n\r\n`);
    const reply = await client.reply();
    assertTooLarge(reply);
    assert.equal(reply.headers["connection"], "close");
    await within("the connection is closed", client.closed);
  });

  it("is told in the middle of a body that says no length, and then nothing more is taken", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const piece = chunk("x".repeat(1000));
    let sent = 0;
    const timer = setInterval(() => {
      if (client.socket.writable) client.socket.write(piece);
      sent++;
    }, 2);
    const reply = await client.reply();
    assertTooLarge(reply);
    assert.ok(sent >= 4, "not before the limit");
    await within("the connection is closed", client.closed);
    clearInterval(timer);
  });

  it("is told also where the body's last piece passes it", async () => {
    const body = chunk(bodyOf(LIMIT + 1));
    assertTooLarge(
      await sendRaw(bridge.port, `${HEAD}Transfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`),
    );
  });

  it("is told before a client that waits for 100 Continue begins to send", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write(`${HEAD}Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n`);
    assertTooLarge(await client.reply());
    client.socket.destroy();
  });

  it("does not keep a client that waits for 100 Continue from sending what is allowed", async () => {
    const client = await connectRaw(bridge.port);
    const body = bodyOf(1000);
    client.socket.write(`${HEAD}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`);
    assert.equal((await client.reply()).status, 100);
    client.socket.write(body);
    assert.equal((await client.reply()).status, 200);
    client.socket.destroy();
  });

  it("counts bytes, not characters", async () => {
    const body = Buffer.from(JSON.stringify({ ...HELLO, padding: "€".repeat(LIMIT / 2) }));
    const head = Buffer.from(
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`,
    );
    assertTooLarge(
      await sendRaw(bridge.port, Buffer.concat([head, body, Buffer.from("\r\n0\r\n\r\n")])),
    );
  });

  it("holds for a client that goes on sending: memory does not grow with what it sends", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write(`${HEAD}Content-Length: 1000000000\r\n\r\n`);
    const piece = Buffer.alloc(64 * 1024, "x");
    const more = () => {
      while (client.socket.writable && client.socket.write(piece));
    };
    client.socket.on("drain", more);
    more();
    assertTooLarge(await client.reply());
    await eventually("the bridge has hung up", () => client.socket.destroyed);
    assert.ok(client.socket.bytesWritten < 200e6, `${client.socket.bytesWritten} bytes were taken`);
  });
});
