import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";
import { RECORDINGS } from "./recordings.ts";

interface Answer {
  choices?: { text?: string; finish_reason?: string | null }[];
  usage?: { completion_tokens?: number } | null;
}

const files = existsSync(RECORDINGS)
  ? readdirSync(RECORDINGS, { recursive: true, encoding: "utf8" })
      .filter((file) => /\/completions-[^/]*\.(sse|chunks\.txt|json)$/.test(file))
      .filter((file) => !file.endsWith(".meta.json"))
  : [];

/** The events of the recording, split by hand. */
function answersIn(text: string, file: string): Answer[] {
  if (file.endsWith(".json")) return [JSON.parse(text) as Answer];
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/^data: ?/, ""))
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Answer);
}

describe("recorded completions", () => {
  if (files.length === 0) {
    it(`are not replayed: recorded transcripts are not here: ${RECORDINGS}`);
    return;
  }

  for (const file of files) {
    it(`come out right, natively and on /v1: ${file}`, async () => {
      const text = readFileSync(join(RECORDINGS, file), "utf8");
      const answers = answersIn(text, file);
      const said = answers.map(({ choices }) => choices?.[0]?.text ?? "").join("");
      const reason = answers.map(({ choices }) => choices?.[0]?.finish_reason).find(Boolean);
      const stream = !file.endsWith(".json");
      const framed = file.endsWith(".chunks.txt")
        ? [...answers.map((answer) => JSON.stringify(answer)), "[DONE]"]
            .map((data) => `data: ${data}\n\n`)
            .join("")
        : text;
      for (const size of [1, 7, Infinity]) {
        const transport = createScriptedTransport({ body: Buffer.from(framed) }, { size });
        const { app } = createTestApp({ transport });
        const ask = async (path: string, body: object) => {
          const init = {
            method: "POST",
            body: JSON.stringify({ model: "gpt-test", stream, ...body }),
          };
          const response = await app(new Request(`http://127.0.0.1:11434${path}`, init));
          const lines = (await response.text())
            .split("\n")
            .map((line) => line.replace(/^data: /, ""));
          return lines
            .filter((line) => line.startsWith("{"))
            .map(
              (line) => JSON.parse(line) as Answer & { response?: string; done_reason?: string },
            );
        };
        const native = await ask("/api/generate", { prompt: "Hi", raw: true });
        assert.equal(native.map(({ response = "" }) => response).join(""), said);
        assert.equal(native.at(-1)?.done_reason, reason === "length" ? "length" : "stop");
        const v1 = await ask("/v1/completions", { prompt: "Hi" });
        assert.equal(v1.map(({ choices }) => choices?.[0]?.text ?? "").join(""), said);
      }
    });
  }
});
