import assert from "node:assert/strict";
import { parseSettings } from "../../src/service/settings.ts";
import { openBridge, type Bridge } from "../../src/service/bridge.ts";
import { systemClock } from "../../src/base/clock.ts";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";
import { createTestLog } from "../support/log.ts";
import { expectedOf } from "./oracle.ts";
import { readRecordings, RECORDINGS, type Recording } from "./recordings.ts";

const LENGTH = ["length", "model_length", "max_tokens"];
const METRICS = ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"];

const recordings = readRecordings();
const answers = recordings.filter(({ kind, status, body }) => {
  if (kind === "error" || status !== 200) return false;
  const { isTextOnly, text } = expectedOf(body.toString());
  return isTextOnly && text !== "";
});
const clean = answers.filter(({ body }) => !expectedOf(body.toString()).hasError);
const later = recordings.filter(
  (recording) => recording.status === 200 && !answers.includes(recording),
);
const failing = recordings.filter(
  ({ kind, body }) => kind === "stream" && expectedOf(body.toString()).hasError,
);
const refusals = recordings.filter(({ status }) => status !== 200);

function chatRequest({ kind }: Recording, origin = "http://127.0.0.1:11434"): Request {
  const messages = [{ role: "user", content: "Hi" }];
  const body = JSON.stringify({ model: "gpt-test", messages, stream: kind !== "whole" });
  return new Request(`${origin}/api/chat`, { method: "POST", body });
}

async function replay(recording: Recording, size: number): Promise<Response> {
  const { app } = createTestApp({ transport: createScriptedTransport(recording, { size }) });
  const response = await app(chatRequest(recording));
  return new Response(await response.text(), response);
}

interface Line {
  message: { role: string; content: string };
  done: boolean;
  done_reason?: string;
  prompt_eval_count?: number;
  eval_count?: number;
  error?: string;
}

async function linesOf(response: Response): Promise<Line[]> {
  const text = await response.text();
  if (response.headers.get("content-type") === "application/x-ndjson") assert.match(text, /\n$/);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

function assertAnswer(lines: Line[], { body }: Recording): void {
  const expected = expectedOf(body.toString());
  const last = lines.at(-1);
  assert.equal(lines.map(({ message }) => message.content).join(""), expected.text);
  for (const [index, line] of lines.entries()) assertShape(line, index === lines.length - 1);
  const reason = LENGTH.includes(expected.finishReason ?? "") ? "length" : "stop";
  assert.equal(last?.done_reason, reason);
  assert.equal(last.prompt_eval_count, expected.promptTokens);
  assert.equal(last.eval_count, expected.completionTokens);
}

function assertShape(line: Line, isLast: boolean): void {
  const counts = ["prompt_eval_count", "eval_count"].filter((name) => name in line);
  const keys = ["model", "created_at", "message", "done"];
  if (isLast) keys.push("done_reason", ...METRICS, ...counts);
  assert.deepEqual(Object.keys(line).sort(), keys.sort());
  assert.deepEqual(Object.keys(line.message), ["role", "content"]);
  assert.equal(line.done, isLast);
}

describe("recorded answers of real providers", () => {
  if (recordings.length === 0) {
    it(`are not replayed: nothing is in ${RECORDINGS}`);
    return;
  }

  const names = later.map(({ name }) => name).join(", ");
  it(`wait for tool calls, reasoning lists and embeddings: ${names}`);

  for (const recording of clean) {
    for (const size of [1, 7, Infinity]) {
      const pieces = size === Infinity ? "whole" : `in pieces of ${size}`;
      it(`come out right: ${recording.name}, ${pieces}`, async () => {
        const response = await replay(recording, size);
        assert.equal(response.status, 200);
        assertAnswer(await linesOf(response), recording);
      });
    }
  }

  for (const recording of failing) {
    it(`end in an error line where they did: ${recording.name}`, async () => {
      const lines = await linesOf(await replay(recording, 7));
      assert.equal(typeof lines.at(-1)?.error, "string");
      assert.ok(
        lines.every(({ done }) => !done),
        "no line is done",
      );
    });
  }

  for (const recording of refusals) {
    it(`keep their status and words: ${recording.name}`, async () => {
      const response = await replay(recording, Infinity);
      assert.equal(response.status, recording.status === 422 ? 400 : recording.status);
      const { error } = (await response.json()) as { error: unknown };
      assert.ok(typeof error === "string" && error.length > "fake: ".length);
      const after = recording.headers["retry-after"] ?? null;
      assert.equal(response.headers.get("retry-after"), after);
    });
  }

  describe("from a local server, byte for byte", () => {
    let provider: FakeProvider;
    let bridge: Bridge;

    before(async () => {
      provider = await startFakeProvider();
      const providers = [{ id: "local", baseUrl: provider.baseUrl }];
      bridge = await openBridge({
        settings: parseSettings({ port: 0, providers }, "test"),
        apiKey: () => Promise.resolve(undefined),
        accessToken: undefined,
        redact: (text) => text,
        clock: systemClock,
        log: createTestLog(),
      });
    });

    after(async () => {
      await bridge.close();
      await provider.close();
    });

    for (const recording of clean) {
      it(`come out right: ${recording.name}`, async () => {
        provider.answer = (response) => {
          response.writeHead(200, recording.headers).end(recording.body);
        };
        const response = await fetch(chatRequest(recording, bridge.url));
        assertAnswer(await linesOf(response), recording);
      });
    }
  });
});
