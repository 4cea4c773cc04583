import assert from "node:assert/strict";
import { inspect } from "node:util";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { HELLO } from "../support/ollama-client.ts";
import { sendRaw, type RawReply } from "../support/raw-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const TOKEN = "7Zq-correct.horse_battery";

/** How a token may travel: the header line, and what stands in front of the path. */
const WAYS: [string, (token: string) => { header?: string; prefix?: string }][] = [
  ["as Authorization: Bearer", (token) => ({ header: `Authorization: Bearer ${token}` })],
  ["as authorization: bearer", (token) => ({ header: `authorization: bearer ${token}` })],
  ["as x-api-key", (token) => ({ header: `X-Api-Key: ${token}` })],
  // Beyond ASCII a path is no path, and refused as such.
  ["in the path", (token) => ({ prefix: `/t/${token.replaceAll(/[^ -~]+/g, encodeURI)}` })],
];

const WRONG: [string, string][] = [
  ["another", "wrong"],
  ["a prefix", TOKEN.slice(0, -1)],
  ["a longer one", `${TOKEN}x`],
  ["another case", TOKEN.toUpperCase()],
  ["the token twice", `${TOKEN},${TOKEN}`],
  ["one in quotes", `"${TOKEN}"`],
  ["one in Unicode", "7Zq-cörrect.horse_battery"],
  ["one in fullwidth letters", "７Zq-correct.horse_battery"],
  ["a percent-encoded one", `%37${TOKEN.slice(1)}`],
  ["an empty one", ""],
  ["undefined", "undefined"],
];

describe("The access token", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  before(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl, { accessToken: TOKEN, key: "provider-key" });
  });

  after(async () => {
    await bridge.close();
    await provider.close();
  });

  beforeEach(() => {
    provider.requests.length = 0;
    bridge.log.lines.length = 0;
  });

  afterEach(() => {
    assert.doesNotMatch(inspect(bridge.log.lines, { depth: 9 }), /battery/, "it is not logged");
  });

  const get = async (path: string, headers: string[] = []): Promise<RawReply> =>
    await sendRaw(
      bridge.port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`,
    );

  for (const [way, place] of WAYS) {
    it(`opens the bridge ${way}`, async () => {
      const { header, prefix = "" } = place(TOKEN);
      const reply = await get(`${prefix}/api/tags`, header === undefined ? [] : [header]);
      assert.equal(reply.status, 200);
      assert.match(reply.body, /gpt-test/);
    });

    for (const [name, token] of WRONG) {
      it(`is refused ${way} when it is ${name}`, async () => {
        const { header, prefix = "" } = place(token);
        const reply = await get(`${prefix}/api/tags`, header === undefined ? [] : [header]);
        assert.equal(reply.status, 401);
        assert.equal(reply.headers["www-authenticate"], "Bearer");
        assert.match((JSON.parse(reply.body) as { error: string }).error, /access token/);
        assert.equal(provider.requests.length, 0, "the provider is not asked");
      });
    }
  }

  for (const path of ["/", "/api/version", "/api/tags", "/api/ps", "/nowhere", "/t", "/t/"]) {
    it(`is needed for ${path}`, async () => {
      assert.equal((await get(path)).status, 401);
    });
  }

  for (const header of ["Authorization: Basic QQ==", `Authorization: ${TOKEN}`, "Cookie: t=1"]) {
    it(`is not found in ${header.slice(0, 18)}…`, async () => {
      assert.equal((await get("/api/tags", [header])).status, 401);
    });
  }

  it("is not found in the query, which ends up in logs and histories", async () => {
    assert.equal((await get(`/api/tags?token=${TOKEN}&access_token=${TOKEN}`)).status, 401);
  });

  it("is asked for before the body is read", async () => {
    const head = "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n";
    assert.equal((await sendRaw(bridge.port, head)).status, 401);
  });

  it("in the path does not open the bridge to pages of other sites", async () => {
    const reply = await get(`/t/${TOKEN}/api/tags`, ["Origin: https://evil.com"]);
    assert.equal(reply.status, 403);
  });

  it("in the path stays out of the log, but is part of a redirect", async () => {
    const reply = await get(`/t/${TOKEN}/api/tags/`);
    assert.equal(reply.status, 301);
    assert.equal(reply.headers["location"], `/t/${TOKEN}/api/tags`);
    assert.equal(bridge.log.lines.at(-1)?.facts["route"], "GET /api/tags/");
  });

  it("is not passed on to the provider", async () => {
    const body = JSON.stringify(HELLO);
    const head = `POST /t/${TOKEN}/api/chat HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: ${TOKEN}\r\n`;
    const reply = await sendRaw(
      bridge.port,
      `${head}Authorization: Bearer ${TOKEN}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    assert.equal(reply.status, 200);
    const call = provider.requests.at(-1);
    assert.equal(call?.headers.authorization, "Bearer provider-key");
    assert.doesNotMatch(inspect([call.path, call.headers, call.body]), /battery/);
  });

  it("is not needed for a preflight, which cannot carry it", async () => {
    const reply = await sendRaw(
      bridge.port,
      "OPTIONS /api/chat HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n\r\n",
    );
    assert.equal(reply.status, 204);
  });
});
