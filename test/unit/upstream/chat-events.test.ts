import assert from "node:assert/strict";
import fc from "fast-check";
import { createChatReader } from "../../../src/translate/chat-stream.ts";
import { chatEvents } from "../../../src/upstream/chat-events.ts";
import type { Watchdog } from "../../../src/upstream/watchdog.ts";

interface Reading {
  text: string;
  outcome: unknown;
  failure?: string;
}

async function read(pieces: Uint8Array[]): Promise<Reading & { beats: number; stops: number }> {
  let beats = 0;
  let stops = 0;
  const watchdog: Watchdog = {
    signal: new AbortController().signal,
    alive: () => {
      beats++;
    },
    stop: () => {
      stops++;
    },
  };
  const reader = createChatReader();
  let text = "";
  const options = { provider: "p", redact: (raw: string) => raw, watchdog };
  try {
    for await (const batch of chatEvents(arriving(pieces), options)) {
      assert.ok(batch.length > 0, "no batch is empty");
      for (const event of batch) {
        text += reader
          .push(event)
          .map((piece) => piece.text)
          .join("");
      }
    }
  } catch (error) {
    return { text, outcome: undefined, failure: (error as Error).message, beats, stops };
  }
  return { text, outcome: reader.end().outcome, beats, stops };
}

async function* arriving(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await Promise.resolve();
    yield piece;
  }
}

function cut(bytes: Uint8Array, lengths: number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const length = Math.max(1, lengths[turn % Math.max(1, lengths.length)] ?? bytes.length);
    pieces.push(bytes.subarray(start, start + length));
    start += length;
  }
  return pieces;
}

const say = (content: string) => JSON.stringify({ choices: [{ delta: { content } }] });
const finish = JSON.stringify({ choices: [{ delta: {}, finish_reason: "stop" }] });
const usage = JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } });

const part = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: "grapheme" }).map((text) => `data: ${say(text)}\n\n`) },
  fc.string({ unit: "grapheme-ascii" }).map((text) => `data:${say(text)}\r\n\r\n`),
  fc.constantFrom(
    ": PROCESSING\n\n",
    "\n",
    `data: ${finish}\n\n`,
    `data: ${usage}\n\n`,
    "data: [DONE]\n\n",
    "id: 1\nretry: 5\n",
    'data: {"choices":[{"delta":{"content":\ndata: "two lines"}}]}\n\n',
    'data: {"error":{"message":"overloaded"}}\n\n',
    "event: error\ndata: compute error\n\n",
    "data: {broken\n\n",
  ),
);

const WHOLE = [
  `  \n\n{"choices":[{"message":{"content":"Grüße 👋"},"finish_reason":"stop"}]}`,
  `{"error":{"message":"ü","code":429}}`,
  `[{"error":{"message":"m"}}]`,
  "<html><title>é</title></html>",
  "{cut",
  "",
  " \n ",
  `\ufeffdata: ${say("a")}\n\ndata: [DONE]\n\n`,
];

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });

describe("chatEvents", () => {
  const withoutBeats = ({ text, outcome, failure }: Reading) => ({ text, outcome, failure });

  it("gives the same text, outcome and failure for any split of a stream's bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), cuts, async (parts, lengths) => {
        const bytes = Buffer.from(`: start\n\n${parts.join("")}`);
        const whole = await read([bytes]);
        assert.deepEqual(withoutBeats(await read(cut(bytes, lengths))), withoutBeats(whole));
        assert.deepEqual(withoutBeats(await read(cut(bytes, [1]))), withoutBeats(whole));
      }),
      { numRuns: 200 },
    );
  });

  for (const text of WHOLE) {
    it(`gives the same for any split of ${JSON.stringify(text.slice(0, 40))}`, async () => {
      const bytes = Buffer.from(text);
      const whole = withoutBeats(await read([bytes]));
      assert.ok(whole.failure !== undefined || whole.text !== "");
      for (let length = 1; length < bytes.length; length++) {
        assert.deepEqual(withoutBeats(await read(cut(bytes, [length]))), whole);
      }
    });
  }

  it("never throws anything but a BridgeError, whatever bytes come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), cuts, async (bytes, lengths) => {
        const { failure } = await read(cut(bytes, lengths));
        assert.ok(failure === undefined || failure.startsWith("p: "), failure);
      }),
    );
  });

  it("counts every read as a sign of life, comments too, and stops the watchdog once it ends", async () => {
    const pieces = [
      ": a\n\n",
      ": b\n\n",
      `data: ${say("a")}\n\n`,
      "data: [DONE]\n\n",
      ": late\n\n",
    ];
    const { beats, stops } = await read(pieces.map((piece) => Buffer.from(piece)));
    assert.equal(beats, 4, "what follows [DONE] is not read");
    assert.equal(stops, 1);
  });

  it("stops the watchdog when its reader leaves early", async () => {
    let stops = 0;
    const watchdog = {
      signal: AbortSignal.abort(),
      alive: () => undefined,
      stop: () => {
        stops++;
      },
    };
    const options = { provider: "p", redact: (raw: string) => raw, watchdog };
    const pieces = [`data: ${say("a")}\n\n`, `data: ${say("b")}\n\n`];
    const events = chatEvents(arriving(pieces.map((piece) => Buffer.from(piece))), options);
    await events.next();
    await events.return(undefined);
    assert.equal(stops, 1);
  });

  it("delivers what came before a failure in the same read", async () => {
    const { text, failure } = await read([
      Buffer.from(`data: ${say("a")}\n\ndata: ${say("b")}\n\ndata: {"error":"gone"}\n\n`),
    ]);
    assert.equal(text, "ab");
    assert.equal(failure, "p: gone");
  });
});
