import assert from "node:assert/strict";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";
import { expectedOf } from "./oracle.ts";
import { readRecordings, RECORDINGS, type Recording } from "./recordings.ts";

/** A whole answer has its text in the message, thinking taken out. */
function textIn({ body }: Recording): string {
  return expectedOf(body.toString()).text;
}

const answers = readRecordings().filter(({ kind, status }) => kind === "whole" && status === 200);
const withText = answers.filter((recording) => textIn(recording) !== "");

async function replay(recording: Recording, stream: boolean): Promise<string> {
  const { app } = createTestApp({ transport: createScriptedTransport(recording, { size: 7 }) });
  const messages = [{ role: "user", content: "Hi" }];
  const body = JSON.stringify({ model: "gpt-test", messages, stream });
  const response = await app(
    new Request("http://127.0.0.1:11434/api/chat", { method: "POST", body }),
  );
  return await response.text();
}

describe("recorded answers that came in one piece", () => {
  if (withText.length === 0) {
    it(`are not replayed: recorded transcripts are not here: ${RECORDINGS}`);
    return;
  }

  it(
    `are without text in ${answers.length - withText.length} recordings, which are not replayed here`,
  );

  for (const recording of withText) {
    it(`have their whole text, asked for as a stream or not: ${recording.name}`, async () => {
      for (const stream of [false, true]) {
        const answer = await replay(recording, stream);
        const lines = answer
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as { message: { content: string }; done: boolean });
        const text = lines.map(({ message }) => message.content).join("");
        assert.equal(text, textIn(recording), `stream: ${stream}`);
        assert.equal(lines.at(-1)?.done, true);
        assert.equal(answer.endsWith("\n"), stream, "only lines end in a line break");
      }
    });
  }
});
