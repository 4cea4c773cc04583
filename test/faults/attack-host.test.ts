import assert from "node:assert/strict";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { connectRaw, sendRaw } from "../support/raw-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const LOCAL = [
  "localhost",
  "LOCALHOST",
  "LocalHost:11434",
  "127.0.0.1",
  "127.0.0.1:80",
  "127.9.9.9",
  "127.9.9.9:65535",
  "[::1]",
  "[::1]:11434",
  "0.0.0.0",
  "0.0.0.0:11434",
];

const FOREIGN = [
  "evil.com",
  "evil.com:11434",
  "localhost.evil.com",
  "localhost.evil.com:11434",
  "127.0.0.1.evil.com",
  "evil-localhost",
  "localhost.",
  "localhost:",
  "localhost:123456",
  "localhost:x",
  "localhost:80:80",
  "localhost, evil.com",
  "user@localhost",
  "localhost@evil.com",
  "localhost/evil.com",
  "localhost#evil.com",
  "127.0.0.1@evil.com",
  "127.1",
  "2130706433",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "[::]",
  "[::ffff:127.0.0.1]",
  "::1",
  "[::1",
  "192.168.0.1",
  "host.docker.internal",
  "ollama.local",
];

describe("The Host header", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  before(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl, {
      settings: { allowedHosts: ["My-Machine", "10.1.2.3"] },
    });
  });

  after(async () => {
    await bridge.close();
    await provider.close();
  });

  afterEach(() => {
    assert.equal(provider.requests.length, 0, "the provider is not asked");
  });

  const get = (host: string) =>
    sendRaw(bridge.port, `GET /api/version HTTP/1.1\r\nHost: ${host}\r\n\r\n`);

  for (const host of [...LOCAL, "my-machine", "MY-MACHINE:11434", "10.1.2.3:80"]) {
    it(`may be ${JSON.stringify(host)}`, async () => {
      assert.equal((await get(host)).status, 200);
    });
  }

  for (const host of FOREIGN) {
    it(`may not be ${JSON.stringify(host)}, and the body is not waited for`, async () => {
      const { status, headers, body } = await sendRaw(
        bridge.port,
        `POST /api/chat HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000\r\n\r\n`,
      );
      assert.ok(status === 403 || status === 400, `status ${status}`);
      if (status !== 403) return;
      assert.equal(headers["content-type"], "application/json; charset=utf-8");
      const { error } = JSON.parse(body) as { error: string };
      assert.match(error, /Host header.*setting allowedHosts/);
    });
  }

  const TARGETS: [string, string][] = [
    ["an empty Host", "GET /api/tags HTTP/1.1\r\nHost: \r\n\r\n"],
    ["no Host", "GET /api/tags HTTP/1.1\r\n\r\n"],
    ["no Host in HTTP/1.0", "GET /api/tags HTTP/1.0\r\n\r\n"],
    ["two Hosts", "GET /api/tags HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\n\r\n"],
    ["two equal Hosts", "GET /api/tags HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n"],
    ["a whole URL as target", "GET http://evil.com/api/tags HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["our URL as target", "GET http://localhost/api/tags HTTP/1.1\r\nHost: evil.com\r\n\r\n"],
    ["a target without a slash", "GET api/tags HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["a star as target", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    [
      "a URL of another host behind slashes",
      "GET //evil.com/api HTTP/1.1\r\nHost: evil.com\r\n\r\n",
    ],
  ];

  for (const [name, text] of TARGETS) {
    it(`lets nothing through with ${name}`, async () => {
      const { status, headers } = await sendRaw(bridge.port, text);
      assert.ok(status === 403 || status === 400, `status ${status}`);
      assert.equal(headers["access-control-allow-origin"], undefined);
    });
  }

  it("is refused with a reason in JSON and a log line, malformed or doubled too", async () => {
    const malformed = ["user@localhost", "localhost:x", ""].map((host) => `Host: ${host}`);
    for (const lines of [...malformed, "Host: localhost\r\nHost: evil.com"]) {
      bridge.log.lines.length = 0;
      const { headers, body } = await sendRaw(
        bridge.port,
        `GET /api/tags HTTP/1.1\r\n${lines}\r\n\r\n`,
      );
      assert.equal(headers["content-type"], "application/json; charset=utf-8", lines);
      assert.match((JSON.parse(body) as { error: string }).error, /Host/);
      assert.equal(bridge.log.lines.filter(({ level }) => level === "warn").length, 1);
    }
  });

  it("is checked anew for each request of a connection", async () => {
    const client = await connectRaw(bridge.port);
    client.socket.write("GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.equal((await client.reply()).status, 200);
    client.socket.write("GET /api/version HTTP/1.1\r\nHost: evil.com\r\n\r\n");
    assert.equal((await client.reply()).status, 403);
    client.socket.destroy();
  });

  it("is not taken from X-Forwarded-Host or Forwarded", async () => {
    const forwarded = "X-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n";
    const text = `GET /api/tags HTTP/1.1\r\nHost: evil.com\r\n${forwarded}\r\n`;
    assert.equal((await sendRaw(bridge.port, text)).status, 403);
  });
});
