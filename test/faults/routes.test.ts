import assert from "node:assert/strict";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { HELLO, post } from "../support/ollama-client.ts";
import { sendRaw } from "../support/raw-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const ROUTES: Record<string, string[]> = {
  "/": ["GET", "HEAD"],
  "/api/version": ["GET", "HEAD"],
  "/api/tags": ["GET", "HEAD"],
  "/api/ps": ["GET"],
  "/api/show": ["POST"],
  "/api/chat": ["POST"],
  "/api/generate": ["POST"],
};

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

const UNKNOWN = [
  "/api",
  "/nope",
  "/api/chats",
  "/API/CHAT",
  "/api/chat/x",
  "/index.html",
  "/t/x/y",
];

describe("A route", () => {
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

  for (const [path, allowed] of Object.entries(ROUTES)) {
    for (const method of METHODS.filter((name) => !allowed.includes(name))) {
      it(`${path} answers 405 to ${method} and tells what it allows`, async () => {
        const response = await fetch(bridge.url + path, { method });
        assert.equal(response.status, 405);
        assert.equal(response.headers.get("allow"), allowed.join(", "));
        assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
        assert.equal(await response.text(), method === "HEAD" ? "" : "405 method not allowed");
      });
    }

    if (path === "/") continue;
    it(`${path} is redirected to from ${path}/, with its query`, async () => {
      for (const method of METHODS) {
        const response = await fetch(`${bridge.url}${path}/?a=1&b=%20`, {
          method,
          redirect: "manual",
        });
        assert.equal(response.status, method === "GET" ? 301 : 307);
        assert.equal(response.headers.get("location"), `${path}?a=1&b=%20`);
      }
    });
  }

  for (const path of ["/", "/api/version", "/api/tags"]) {
    it(`${path} answers HEAD like GET, without the body`, async () => {
      const [head, get] = await Promise.all(
        ["HEAD", "GET"].map((method) => fetch(bridge.url + path, { method })),
      );
      assert.equal(head?.status, 200);
      assert.equal(await head.text(), "");
      assert.equal(head.headers.get("content-type"), get?.headers.get("content-type"));
      assert.notEqual(await get?.text(), "");
    });
  }

  for (const path of UNKNOWN) {
    it(`that does not exist, ${path}, is 404 in plain text`, async () => {
      for (const method of METHODS) {
        const response = await fetch(bridge.url + path, { method });
        assert.equal(response.status, 404, method);
        assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
        if (method !== "HEAD") assert.equal(await response.text(), "404 page not found");
      }
    });
  }

  for (const path of ["//api/chat", "/api//chat", "///api///chat"]) {
    it(`is found with doubled slashes: ${path}`, async () => {
      const body = JSON.stringify(HELLO);
      const reply = await sendRaw(
        bridge.port,
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      assert.equal(reply.status, 200);
      assert.match(reply.body, /"done":true/);
    });
  }

  it("keeps the body over a redirect from its trailing slash", async () => {
    const response = await post(`${bridge.url}/api/chat/`, HELLO);
    assert.equal(response.status, 200);
    assert.equal(new URL(response.url).pathname, "/api/chat");
    assert.match(await response.text(), /"done":true/);
  });

  it("at the root says what Ollama's own command line looks for", async () => {
    assert.equal(await (await fetch(bridge.url)).text(), "Ollama is running");
  });

  it("names no software: neither Server nor X-Powered-By", async () => {
    const { headers } = await fetch(bridge.url);
    assert.equal(headers.get("server"), null);
    assert.equal(headers.get("x-powered-by"), null);
  });
});
