import assert from "node:assert/strict";
import { inspect } from "node:util";
import { systemClock } from "../../../src/base/clock.ts";
import { createBridgeService } from "../../../src/service/bridge-service.ts";
import { createLineLog } from "../../../src/service/line-log.ts";
import { createRedactor, redactLog } from "../../../src/service/redact.ts";
import { parseSettings } from "../../../src/service/settings.ts";
import { eventually } from "../../support/deadline.ts";
import {
  json,
  sse,
  startFakeProvider,
  textChunks,
  type Answer,
} from "../../support/fake-provider.ts";
import { HELLO, post } from "../../support/ollama-client.ts";

const KEY = "sk-CANARY-1234567890";
const TOKEN = "CANARY-token-1234567890";

/** Providers that tell everybody what they were sent. */
const TELLTALES: [string, Answer][] = [
  ["in an answer that works", sse(textChunks("Hello"))],
  [
    "in its refusal",
    json({ error: { message: `Incorrect API key provided: ${KEY}` } }, { status: 401 }),
  ],
  ["in a refusal of plain text", (response) => void response.writeHead(500).end(`key=${KEY}`)],
  ["in a web page", (response) => void response.writeHead(502).end(`<title>${KEY}</title>`)],
  ["in its first event", sse([JSON.stringify({ error: { message: KEY, code: 429 } })])],
  ["in a later event", sse([textChunks("a")[1] ?? "", JSON.stringify({ error: KEY })])],
  ["in an event that is not JSON", sse([`Bearer ${KEY}`])],
  [
    "beside its finish reason",
    sse([JSON.stringify({ choices: [{ finish_reason: "error", x: KEY }] })]),
  ],
  [
    "in a redirect",
    (response) => void response.writeHead(302, { location: `https://x.test/?key=${KEY}` }).end(),
  ],
  ["in base64", json({ error: Buffer.from(KEY).toString("base64") }, { status: 400 })],
  [
    "in Retry-After",
    json({ error: "slow down" }, { status: 429, headers: { "retry-after": KEY } }),
  ],
  ["in its headers", json({ error: "x" }, { status: 418, headers: { "x-key": KEY } })],
  [
    "by echoing the request's headers",
    (response, { headers }) => void response.writeHead(400).end(JSON.stringify({ error: headers })),
  ],
  ["by a broken connection", (response) => void response.socket?.destroy()],
];

const HIDDEN = /CANARY|Q0FOQVJZ/i;

describe("A key", () => {
  for (const [name, answer] of TELLTALES) {
    it(`is found nowhere at trace level, though the provider tells it ${name}`, async () => {
      const provider = await startFakeProvider(answer);
      const lines: string[] = [];
      const thrown: unknown[] = [];
      const redact = createRedactor(() => [KEY, TOKEN]);
      const clock = systemClock;
      const write = (line: string) => lines.push(line);
      const providers = [{ id: "fake", baseUrl: provider.baseUrl }];
      const service = createBridgeService({
        settings: () => parseSettings({ port: 0, providers }, "test"),
        apiKey: () => Promise.resolve(KEY),
        accessToken: () => TOKEN,
        redact,
        log: redactLog(createLineLog({ level: "trace", clock, write }), redact),
        clock,
        version: "0.0.0",
      });
      await service.start();
      const { state } = service;
      assert.ok(state.kind === "running");
      const replies: string[] = [];
      const url = `${state.url}/t/${TOKEN}`;
      for (const body of [HELLO, { ...HELLO, stream: false }]) {
        const response = await post(`${url}/api/chat`, body);
        replies.push(inspect([...response.headers]), await response.text());
      }
      replies.push(await (await fetch(`${url}/api/tags`)).text());
      replies.push(await (await fetch(`${state.url}/t/wrong-${TOKEN}/api/tags`)).text());
      await service.testConnection().then(
        (reports) => thrown.push(...reports),
        (error: unknown) => thrown.push(error),
      );
      await eventually("everything is logged", () => lines.length >= 4);
      const states = [
        inspect(service.state, { depth: 20, showHidden: true }),
        inspect(service, { depth: 20 }),
      ];
      await service.stop();
      await provider.close();

      const sent = provider.requests.map(({ headers }) => headers.authorization);
      assert.ok(sent.length >= 3 && sent.every((header) => header === `Bearer ${KEY}`));
      for (const text of [...lines, ...replies, ...states, inspect(thrown, { depth: 20 })]) {
        assert.doesNotMatch(text, HIDDEN);
      }
    });
  }
});
