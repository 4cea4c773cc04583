import assert from "node:assert/strict";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { HELLO } from "../support/ollama-client.ts";
import { sendRaw, type RawReply } from "../support/raw-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const LOCAL = [
  "http://localhost",
  "http://localhost:3000",
  "https://localhost:3000",
  "http://127.0.0.1:5173",
  "http://127.9.9.9",
  "http://[::1]:8080",
  "http://0.0.0.0:8080",
  "vscode-webview://abc",
  "vscode-webview://0g0h1j2k3l4m",
  "vscode-file://vscode-app",
  "app://obsidian.md",
  "tauri://localhost",
];

const CONFIGURED = ["https://chat.example.org", "moz-extension://5e1f-aa"];

const FOREIGN = [
  "null",
  "",
  "https://evil.com",
  "http://localhost.evil.com",
  "http://localhost.evil.com:3000",
  "http://127.0.0.1.evil.com",
  "http://evil.com/localhost",
  "http://localhost@evil.com",
  "http://localhost:3000@evil.com",
  "http://localhost:3000/",
  "http://localhost:3000 http://evil.com",
  "http://localhost.",
  "http://192.168.0.1",
  "HTTP://LOCALHOST",
  "ftp://localhost",
  "file://",
  "data:text/html,x",
  "javascript:alert(1)",
  "chrome-extension://x",
  "safari-web-extension://x",
  "https://chat.example.org.evil.com",
  "https://chat.example.org:8443",
  "http://chat.example.org",
  "https://evil.com/https://chat.example.org",
  "moz-extensions://5e1f",
  "*",
];

describe("The Origin header", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  before(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl, {
      settings: { allowedOrigins: ["https://chat.example.org", "moz-extension://*"] },
    });
  });

  after(async () => {
    await bridge.close();
    await provider.close();
  });

  async function ask(
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<RawReply> {
    const fields = Object.entries({
      host: "127.0.0.1",
      ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    return await sendRaw(
      bridge.port,
      `${method} ${path} HTTP/1.1\r\n${fields.join("")}\r\n${body ?? ""}`,
    );
  }

  const askedBy = (origin: string, more: Record<string, string> = {}) => ({
    headers: { origin, "content-type": "application/json", ...more },
    body: JSON.stringify({ ...HELLO, stream: false }),
  });

  for (const origin of [...LOCAL, ...CONFIGURED]) {
    it(`may be ${origin}, which is named in the answer`, async () => {
      for (const reply of [
        await ask("GET", "/api/version", { headers: { origin } }),
        await ask("POST", "/api/chat", askedBy(origin)),
        await ask("POST", "/api/nowhere", askedBy(origin)),
        await ask("POST", "/api/chat", { ...askedBy(origin), body: "{" }),
      ]) {
        assert.notEqual(reply.status, 403);
        assert.equal(reply.headers["access-control-allow-origin"], origin);
        assert.match(reply.headers["vary"] ?? "", /Origin/);
        assert.equal(reply.headers["access-control-allow-credentials"], undefined);
      }
    });
  }

  for (const origin of FOREIGN) {
    it(`may not be ${JSON.stringify(origin)}, whatever the method, and nothing is read`, async () => {
      provider.requests.length = 0;
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        for (const path of ["/", "/api/tags", "/api/chat"]) {
          const headers = { origin, "content-type": "application/json", "content-length": "1000" };
          // The body never comes, so an answer means that it was not waited for.
          const reply = await ask(method, path, {
            headers: method === "HEAD" ? { origin } : headers,
          });
          assert.equal(reply.status, 403, `${method} ${path}`);
          assert.equal(reply.headers["access-control-allow-origin"], undefined);
          if (method === "HEAD") continue;
          assert.match(
            (JSON.parse(reply.body) as { error: string }).error,
            /setting allowedOrigins/,
          );
        }
      }
      assert.equal(provider.requests.length, 0, "the provider is not asked");
    });
  }

  it("may be missing: command lines and SDKs send none", async () => {
    const reply = await ask("POST", "/api/chat", { body: JSON.stringify(HELLO) });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers["access-control-allow-origin"], undefined);
    assert.equal(reply.headers["vary"], undefined);
  });

  for (const contentType of [
    "text/plain",
    "text/plain;application/json",
    "",
    "application/jsonp",
  ]) {
    it(`of an allowed page needs JSON, not ${JSON.stringify(contentType)}`, async () => {
      provider.requests.length = 0;
      const reply = await ask(
        "POST",
        "/api/chat",
        askedBy("http://localhost:3000", { "content-type": contentType }),
      );
      assert.equal(reply.status, 403);
      assert.match(reply.body, /must send Content-Type: application\/json/);
      assert.equal(provider.requests.length, 0);
    });
  }

  for (const site of ["cross-site", "same-site", "", "nonsense"]) {
    it(`is not needed to refuse Sec-Fetch-Site ${JSON.stringify(site)}`, async () => {
      provider.requests.length = 0;
      for (const method of ["GET", "POST"]) {
        const headers = { "sec-fetch-site": site, "content-type": "application/json" };
        const reply = await ask(method, "/api/tags", { headers });
        assert.equal(reply.status, 403, method);
        assert.match(reply.body, /^\{"error":".+"\}$/);
      }
      assert.equal(provider.requests.length, 0);
    });
  }

  for (const site of ["same-origin", "none"]) {
    it(`is not needed where Sec-Fetch-Site is ${site}: an address typed into the browser`, async () => {
      const reply = await ask("GET", "/api/version", { headers: { "sec-fetch-site": site } });
      assert.equal(reply.status, 200);
    });
  }

  it("of an allowed page outweighs Sec-Fetch-Site", async () => {
    const headers = { origin: "vscode-webview://abc", "sec-fetch-site": "cross-site" };
    assert.equal((await ask("GET", "/api/version", { headers })).status, 200);
  });

  it("gets a preflight answered without a star, credentials or the private network", async () => {
    provider.requests.length = 0;
    const reply = await ask("OPTIONS", "/api/chat", {
      headers: {
        origin: "http://localhost:3000",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
        "access-control-request-private-network": "true",
        "access-control-request-local-network": "true",
      },
    });
    assert.equal(reply.status, 204);
    assert.equal(reply.headers["access-control-allow-origin"], "http://localhost:3000");
    assert.match(reply.headers["access-control-allow-headers"] ?? "", /Content-Type/);
    assert.match(reply.headers["access-control-allow-methods"] ?? "", /POST/);
    assert.equal(Object.values(reply.headers).includes("*"), false);
    const names = Object.keys(reply.headers).join(" ");
    assert.doesNotMatch(names, /credentials|private-network|local-network/);
    assert.equal(provider.requests.length, 0);
  });
});
