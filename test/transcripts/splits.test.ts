import assert from "node:assert/strict";
import fc from "fast-check";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";
import { expectedOf } from "./oracle.ts";
import { readRecordings, RECORDINGS, type Recording } from "./recordings.ts";

const RUNS = 10;

const streams = readRecordings().filter(({ kind, status }) => kind === "stream" && status === 200);

/** Sizes of the pieces in which the provider's bytes arrive. */
const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 });

async function replay(
  recording: Recording,
  path: string,
  size: number | number[],
): Promise<string> {
  const { app } = createTestApp({ transport: createScriptedTransport(recording, { size }) });
  const messages = [{ role: "user", content: "Hi" }];
  const body = JSON.stringify({
    model: "gpt-test",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const response = await app(
    new Request(`http://127.0.0.1:11434${path}`, { method: "POST", body }),
  );
  return await response.text();
}

interface Delta {
  content?: string | null;
  reasoning?: string;
  reasoning_content?: string;
  reasoning_text?: string;
  tool_calls?: { index: number; id?: string; function: { name?: string; arguments: string } }[];
}

interface Chunk {
  model?: string;
  error?: { message: string };
  choices?: { delta: Delta; finish_reason: string | null }[];
}

describe("recorded streams, cut anywhere", () => {
  if (streams.length === 0) {
    it(`are not replayed: recorded transcripts are not here: ${RECORDINGS}`);
    return;
  }

  for (const recording of streams) {
    for (const path of ["/api/chat", "/v1/chat/completions"]) {
      it(`give the same answer on ${path}: ${recording.name}`, async () => {
        const whole = await replay(recording, path, Infinity);
        await fc.assert(
          fc.asyncProperty(sizes, async (size) => {
            assert.equal(await replay(recording, path, size), whole);
          }),
          { numRuns: RUNS },
        );
      });
    }
  }
});

describe("recorded streams on /v1", () => {
  for (const recording of streams) {
    it(`say the same under /v1's names: ${recording.name}`, async () => {
      const text = await replay(recording, "/v1/chat/completions", 7);
      const expected = expectedOf(recording.body.toString());
      const events = text.split("\n\n").filter((event) => event !== "");
      const isDone = events.at(-1) === "data: [DONE]";
      const chunks = events
        .filter((event) => event !== "data: [DONE]")
        .map((event) => JSON.parse(event.slice("data: ".length)) as Chunk);
      if (expected.hasError) {
        assert.equal(isDone, false, "a failure is no clean end");
        assert.ok(chunks.at(-1)?.error?.message);
        return;
      }
      assert.equal(isDone, true);
      assert.ok(chunks.every(({ model }) => model === "gpt-test"));
      const deltas = chunks.flatMap(({ choices }) => choices?.map(({ delta }) => delta) ?? []);
      const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
      const content = deltas.map(({ content: words }) => words ?? "").join("");
      if (calls.length > 0) assert.equal(content.trim(), expected.text.trim());
      else assert.equal(content, expected.text);
      for (const name of ["reasoning", "reasoning_content", "reasoning_text"] as const) {
        const thinking = deltas.map((delta) => delta[name] ?? "").join("");
        assert.equal(thinking.trimEnd(), expected.thinking.trimEnd());
      }
      const named = calls.filter(({ function: { name } }) => name !== undefined);
      assert.deepEqual(
        named.map(({ index, function: { name } }) => [index, name]),
        expected.calls.map(({ name }, index) => [index, name]),
      );
      for (const [index, call] of expected.calls.entries()) {
        const pieces = calls.filter((piece) => piece.index === index);
        const json = pieces.map(({ function: { arguments: piece } }) => piece).join("");
        assert.deepEqual(JSON.parse(json === "" ? "{}" : json), call.arguments);
      }
      const reasons = chunks.flatMap(({ choices }) => choices?.[0]?.finish_reason ?? []);
      assert.equal(reasons.length, 1, "one finish");
      if (expected.calls.length > 0) assert.equal(reasons[0], "tool_calls");
    });
  }
});
