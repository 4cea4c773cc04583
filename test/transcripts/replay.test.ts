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
const answers = recordings.filter(({ kind, status }) => kind !== "error" && status === 200);
/** Blocked by its provider's filter before a word was said; natively that is an error. */
const BLOCKED = "azure-openai/json-finish-content-filter.json";
const clean = answers.filter(
  ({ name, body }) => name !== BLOCKED && !expectedOf(body.toString()).hasError,
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

interface ToolCall {
  id: string;
  function: { index: number; name: string; arguments: object };
}

interface Line {
  message: { role: string; content: string; thinking?: string; tool_calls?: ToolCall[] };
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

function assertAnswer(lines: Line[], { body, kind }: Recording): void {
  const expected = expectedOf(body.toString());
  const last = lines.at(-1);
  const calls = lines.flatMap(({ message }) => message.tool_calls ?? []);
  const text = lines.map(({ message }) => message.content).join("");
  // White space around calls is nobody's text.
  if (calls.length > 0) assert.equal(text.trim(), expected.text.trim());
  else assert.equal(text, expected.text);
  const thinking = lines.map(({ message }) => message.thinking ?? "").join("");
  assert.equal(thinking.trimEnd(), expected.thinking.trimEnd());
  const told = calls.map(({ function: { name, arguments: values } }) => ({
    name,
    arguments: values,
  }));
  assert.deepEqual(told, expected.calls);
  assert.deepEqual(
    calls.map(({ function: { index } }) => index),
    calls.map((_, index) => index),
  );
  assert.equal(new Set(calls.map(({ id }) => id)).size, calls.length, "ids are unique");
  if (kind === "stream")
    for (const line of lines) assert.ok((line.message.tool_calls?.length ?? 0) < 2);
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
  assert.equal(line.message.role, "assistant");
  assert.equal(typeof line.message.content, "string");
  assert.equal(line.done, isLast);
}

describe("recorded answers of real providers", () => {
  if (recordings.length === 0) {
    it(`are not replayed: nothing is in ${RECORDINGS}`);
    return;
  }

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

  it("are replayed but for one that the filter blocked", () => {
    assert.equal(clean.length + failing.length + 1, answers.length);
  });

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
      const { [recording.status]: expected = recording.status } = { 401: 502, 422: 400 };
      assert.equal(response.status, expected);
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
