import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";
import { createScriptedTransport } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";
import { expectedOf } from "./oracle.ts";
import { readRecordings, RECORDINGS, type Recording } from "./recordings.ts";

/** What the client gets for the provider's status. */
const STATUS: Record<number, number> = {
  400: 400,
  // On Ollama's own routes 401 would mean ollama.com.
  401: 502,
  402: 402,
  403: 403,
  404: 404,
  413: 413,
  422: 400,
  429: 429,
  500: 502,
  502: 502,
  503: 503,
};

interface ErrorBody {
  error?: { message?: string; metadata?: { raw?: string } };
  detail?: string;
}

const recordings = readRecordings();
const refusals = recordings.filter(({ status }) => status !== 200);
const failing = recordings.filter(
  ({ kind, status, body }) =>
    kind === "stream" && status === 200 && expectedOf(body.toString()).hasError,
);

function chatRequest(stream: boolean, origin = "http://127.0.0.1:11434"): Request {
  const messages = [{ role: "user", content: "Hi" }];
  const body = JSON.stringify({ model: "gpt-test", messages, stream });
  return new Request(`${origin}/api/chat`, { method: "POST", body });
}

async function replay(
  recording: Pick<Recording, "status" | "headers" | "body">,
  { size = Infinity, stream = true } = {},
): Promise<Response> {
  const { app } = createTestApp({ transport: createScriptedTransport(recording, { size }) });
  return await app(chatRequest(stream));
}

/** What the provider said; of a router, what the provider behind it said. */
function sentenceIn(body: string): string {
  const { error, detail } = JSON.parse(body) as ErrorBody;
  const sentence = error?.metadata?.raw ?? error?.message ?? detail;
  assert.ok(sentence, "the recording has a sentence");
  return sentence;
}

/** The sentence, or the bridge's own for a prompt that was too long: with both numbers, or the provider's words. */
function checkSentence(error: string, body: string): void {
  const isOverflow = /the prompt has \d+ tokens, and the model's context holds \d+/.test(error);
  assert.ok(isOverflow || error.includes(sentenceIn(body)), error);
}

/** The same of a stream: the message of its last error, wherever that stands. */
function sentenceInStream(body: string): string {
  const found = [...body.matchAll(/"error": ?\{.*?"message": ?("(?:[^"\\]|\\.)*")/g)].at(-1)?.[1];
  assert.ok(found, "the recording has a sentence");
  return JSON.parse(found) as string;
}

async function assertBrokenOff(response: Response, { body }: Recording): Promise<void> {
  const { text, thinking } = expectedOf(body.toString());
  const lines = (await response.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { message?: { content: string }; done?: boolean });
  const last = lines.pop() as { error?: unknown };
  assert.deepEqual(Object.keys(last), ["error"]);
  assert.equal(typeof last.error, "string");
  assert.ok(String(last.error).includes(sentenceInStream(body.toString())), String(last.error));
  assert.equal(lines.map(({ message }) => message?.content).join(""), text, "what came before");
  assert.ok(
    lines.every(({ done }) => done === false),
    "no line is done",
  );
  // Until the first word a failure still has a status of its own.
  if (text + thinking !== "") assert.equal(response.status, 200);
  else assert.ok(400 <= response.status, `status ${response.status}`);
}

describe("recorded errors of real providers", () => {
  if (recordings.length === 0) {
    it(`are not replayed: recorded transcripts are not here: ${RECORDINGS}`);
    return;
  }

  for (const recording of refusals) {
    it(`are told with status and sentence, streamed or not: ${recording.name}`, async () => {
      for (const stream of [true, false]) {
        const response = await replay(recording, { stream });
        const answer = (await response.json()) as { error: string };
        assert.equal(response.status, STATUS[recording.status]);
        assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
        assert.deepEqual(Object.keys(answer), ["error"]);
        checkSentence(answer.error, recording.body.toString());
        const wait = recording.headers["retry-after"] ?? null;
        assert.equal(response.headers.get("retry-after"), wait);
      }
    });
  }

  for (const status of Object.keys(STATUS).map(Number)) {
    it(`become ${STATUS[status]} when the provider says ${status}`, async () => {
      const body = Buffer.from('{"error":{"message":"No, thank you."}}');
      const headers = { "retry-after": "7" };
      const response = await replay({ status, headers, body });
      assert.equal(response.status, STATUS[status]);
      assert.match(await response.text(), /No, thank you\./);
      assert.equal(response.headers.get("retry-after"), "7");
    });
  }

  for (const recording of failing) {
    it(`break a stream off with their sentence: ${recording.name}`, async () => {
      for (const size of [1, 7, Infinity]) {
        await assertBrokenOff(await replay(recording, { size }), recording);
      }
    });
  }

  for (const name of disguised()) {
    it(`are errors though the provider said 200: ${name}`, async () => {
      const body = readFileSync(join(RECORDINGS, name));
      for (const stream of [true, false]) {
        const response = await replay({ status: 200, headers: {}, body }, { stream });
        assert.ok(400 <= response.status, `status ${response.status}`);
        const { error } = (await response.json()) as { error: string };
        assert.ok(error.includes(sentenceIn(body.toString())), error);
      }
    });
  }

  describe("from a local server", () => {
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

    for (const recording of [...refusals, ...failing]) {
      it(`arrive the same: ${recording.name}`, async () => {
        provider.answer = (response) => {
          response.writeHead(recording.status, recording.headers).end(recording.body);
        };
        const response = await fetch(chatRequest(true, bridge.url));
        if (recording.status === 200) {
          await assertBrokenOff(response, recording);
          return;
        }
        assert.equal(response.status, STATUS[recording.status]);
        const { error } = (await response.json()) as { error: string };
        checkSentence(error, recording.body.toString());
      });
    }
  });
});

/** Answers of status 200 that are errors by their name in the collection. */
function disguised(): string[] {
  if (!existsSync(RECORDINGS)) return [];
  return readdirSync(RECORDINGS, { recursive: true, encoding: "utf8" }).filter((file) =>
    /http200-error-[^/]*(?<!\.meta)\.json$/.test(file),
  );
}
