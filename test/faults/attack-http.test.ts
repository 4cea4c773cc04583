import assert from "node:assert/strict";
import { within } from "../support/deadline.ts";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { HELLO } from "../support/ollama-client.ts";
import { connectRaw, sendRaw } from "../support/raw-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const HOST = "Host: localhost\r\n";
const POST = `POST /api/chat HTTP/1.1\r\n${HOST}`;
const BODY = JSON.stringify(HELLO);
const SMUGGLED = `GET /api/tags HTTP/1.1\r\n${HOST}\r\n`;

/** What is on the wire, and which status it may have. */
const MALFORMED: [string, string, number[]][] = [
  [
    "a length and chunks at once",
    `${POST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    [400],
  ],
  [
    "two different lengths",
    `${POST}Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}${SMUGGLED}`,
    [400],
  ],
  ["a length with a sign", `${POST}Content-Length: +2\r\n\r\n{}`, [400]],
  ["a negative length", `${POST}Content-Length: -1\r\n\r\n`, [400]],
  ["a length beyond all numbers", `${POST}Content-Length: ${"9".repeat(30)}\r\n\r\n`, [400, 413]],
  ["an unknown transfer coding", `${POST}Transfer-Encoding: xchunked\r\n\r\n{}`, [400, 501]],
  [
    "chunked as not the last coding",
    `${POST}Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n`,
    [400],
  ],
  [
    "a chunk size that is none",
    `${POST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n`,
    [400],
  ],
  [
    "a chunk longer than it says",
    `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`,
    [400],
  ],
  [
    "a chunk extension without an end",
    `${POST}Transfer-Encoding: chunked\r\n\r\n2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    [400, 413],
  ],
  ["a blank before the colon", `${POST}Content-Length : 2\r\n\r\n{}`, [400]],
  ["a folded header", `${POST}X: a\r\n b: c\r\n\r\n`, [400]],
  ["bare line feeds", "GET /api/tags HTTP/1.1\nHost: localhost\n\n", [400]],
  ["a NUL in a header", `GET /api/tags HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, [400]],
  ["a NUL in the path", `GET /api/tags\0 HTTP/1.1\r\n${HOST}\r\n`, [400]],
  [
    "more than 16 KB of headers",
    `GET / HTTP/1.1\r\n${HOST}X: ${"x".repeat(17_000)}\r\n\r\n`,
    [431],
  ],
  ["very many headers", `GET / HTTP/1.1\r\n${HOST}${"X-Many: x\r\n".repeat(2000)}\r\n`, [431]],
  ["a very long path", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, [431, 414]],
  ["an unknown method", `BREW /api/chat HTTP/1.1\r\n${HOST}\r\n`, [400, 405]],
  ["HTTP/2 spoken at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]],
  ["HTTP/0.9", "GET /\r\n\r\n", [400]],
  ["TLS spoken at once", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [400]],
];

/** Well-formed, and answered like any other request. */
const HARMLESS: [string, string, number][] = [
  ["TRACE", `TRACE /api/tags HTTP/1.1\r\n${HOST}\r\n`, 405],
  ["DELETE", `DELETE /api/tags HTTP/1.1\r\n${HOST}\r\n`, 405],
  [
    "an upgrade",
    `GET /api/version HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    200,
  ],
  [
    "an upgrade to HTTP/2",
    `GET /api/version HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`,
    200,
  ],
  ["a path with dots", `GET /api/../../etc/passwd HTTP/1.1\r\n${HOST}\r\n`, 404],
  ["encoded dots", `GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${HOST}\r\n`, 404],
  ["an encoded NUL", `GET /api/tags%00 HTTP/1.1\r\n${HOST}\r\n`, 404],
  ["a broken escape", `GET /api/%zz HTTP/1.1\r\n${HOST}\r\n`, 404],
  ["an encoded slash", `GET /api%2ftags HTTP/1.1\r\n${HOST}\r\n`, 404],
  ["a name of Object.prototype", `GET /constructor HTTP/1.1\r\n${HOST}\r\n`, 404],
  ["its proto with a slash", `GET /__proto__/ HTTP/1.1\r\n${HOST}\r\n`, 404],
  ["line breaks for the location", `GET /api/tags/?%0d%0aX:%20y HTTP/1.1\r\n${HOST}\r\n`, 301],
];

describe("A client that bends HTTP", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  before(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl);
  });

  after(async () => {
    await bridge.close();
    await provider.close();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  afterEach(async () => {
    assert.equal(
      (await fetch(`${bridge.url}/api/version`)).status,
      200,
      "the bridge still answers",
    );
    const chats = provider.requests.filter(({ path }) => path.endsWith("/chat/completions"));
    assert.equal(chats.length, 0, "the provider is not asked");
  });

  for (const [name, text, statuses] of MALFORMED) {
    it(`is refused and hung up on with ${name}`, async () => {
      const client = await connectRaw(bridge.port);
      client.socket.write(Buffer.from(text, "latin1"));
      const { status } = await client.reply();
      assert.ok(statuses.includes(status), `status ${status}`);
      await within("the connection is closed", client.closed);
      const answers = client
        .received()
        .toString("latin1")
        .match(/HTTP\/1\.1 \d/g);
      assert.equal(answers?.length, 1, "nothing smuggled is answered");
    });
  }

  for (const [name, text, status] of HARMLESS) {
    it(`gets ${status} for ${name}`, async () => {
      const reply = await sendRaw(bridge.port, text);
      assert.equal(reply.status, status);
      assert.equal(reply.headers["x"], undefined);
      assert.equal(reply.headers["upgrade"], undefined);
    });
  }

  it("gets no tunnel from CONNECT", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write(`CONNECT evil.com:443 HTTP/1.1\r\n${HOST}\r\n`);
    await within("the connection is closed", client.closed);
    assert.doesNotMatch(client.received().toString(), /^HTTP\/1\.1 2/);
  });

  it("is served in order when it sends its requests all at once", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write(SMUGGLED.replace("tags", "version") + SMUGGLED + SMUGGLED);
    assert.match((await client.reply()).body, /^\{"version":/);
    assert.match((await client.reply()).body, /^\{"models":/);
    assert.match((await client.reply()).body, /^\{"models":/);
    client.socket.destroy();
  });

  it("stops no other client by sending its headers or its body byte by byte", async () => {
    const slow = await Promise.all([1, 2, 3].map(() => connectRaw(bridge.port)));
    slow[0]?.socket.write("POST /api/chat HT");
    slow[1]?.socket.write(`${POST}Content-Length: 100\r\n\r\n{"mod`);
    slow[2]?.socket.write(`${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n{"m`);
    assert.equal((await fetch(`${bridge.url}/api/tags`)).status, 200);
    for (const { socket } of slow) socket.destroy();
  });

  it("is forgotten when it leaves in the middle of its body", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write(`${POST}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, -5)}`);
    client.socket.resetAndDestroy();
    await within("the connection is closed", client.closed);
  });
});
