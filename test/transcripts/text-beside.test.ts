import assert from "node:assert/strict";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";
import { expectedOf } from "./oracle.ts";
import { readRecordings, RECORDINGS, type Recording } from "./recordings.ts";

interface Words {
  content?: string | { type: string; text?: string }[] | null;
}

interface Answer {
  choices?: { delta?: Words; message?: Words }[];
}

interface Line {
  message: { content: string };
  done: boolean;
  prompt_eval_count?: number;
  eval_count?: number;
}

/** All text of the answer, also that of content lists: Mistral writes `[{"type":"text","text":"1"}]`. */
function textIn(body: string): string {
  const payloads = body.trimStart().startsWith("{")
    ? [body]
    : [...body.matchAll(/^ ?data: ?(\{.*)$/gm)].map(([, json = ""]) => json);
  return payloads
    .flatMap((json) => (JSON.parse(json) as Answer).choices?.slice(0, 1) ?? [])
    .map(({ delta, message }) => (delta ?? message)?.content ?? "")
    .flatMap((content) => (typeof content === "string" ? content : content.map(partText)))
    .join("");
}

function partText({ type, text = "" }: { type: string; text?: string }): string {
  return type === "text" ? text : "";
}

const recordings = readRecordings().filter(({ kind, status, body }) => {
  const { isTextOnly, hasError } = expectedOf(body.toString());
  return kind !== "error" && status === 200 && !isTextOnly && !hasError;
});
const withText = recordings.filter(({ body }) => textIn(body.toString()) !== "");

async function replay(recording: Recording, size: number): Promise<Line[]> {
  const { app } = createTestApp({ transport: createScriptedTransport(recording, { size }) });
  const messages = [{ role: "user", content: "Hi" }];
  const stream = recording.kind === "stream";
  const body = JSON.stringify({ model: "gpt-test", messages, stream });
  const response = await app(
    new Request("http://127.0.0.1:11434/api/chat", { method: "POST", body }),
  );
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

describe("the text that stands beside tool calls and reasoning", () => {
  if (withText.length === 0) {
    it(`is not replayed: recorded transcripts are not here: ${RECORDINGS}`);
    return;
  }

  it(
    `is absent from ${recordings.length - withText.length} more recordings, which are not replayed here`,
  );

  for (const recording of withText) {
    it(`comes out whole: ${recording.name}`, async () => {
      const body = recording.body.toString();
      for (const size of [1, 7, Infinity]) {
        const lines = await replay(recording, size);
        assert.equal(lines.map(({ message }) => message.content).join(""), textIn(body));
        assert.deepEqual(
          lines.map(({ done }) => done),
          lines.map((_, index) => index === lines.length - 1),
        );
        const { promptTokens, completionTokens } = expectedOf(body);
        assert.equal(lines.at(-1)?.prompt_eval_count, promptTokens);
        assert.equal(lines.at(-1)?.eval_count, completionTokens);
      }
    });
  }
});
