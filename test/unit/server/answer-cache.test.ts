import assert from "node:assert/strict";
import { DONE, type ChatEvent } from "../../../src/protocol/openai.ts";
import { createAnswerCache, type AnswerCache } from "../../../src/server/answer-cache.ts";
import { createTestClock } from "../../support/clock.ts";
import { within } from "../../support/deadline.ts";

const word = (content: string): ChatEvent => ({ choices: [{ delta: { content } }] });

const QUESTION = { provider: "p", route: "chat", request: { model: "m", a: 1, b: 2 }, stops: [] };

/** A provider whose answer comes word by word, when it is let go. */
function createProvider(...words: string[]) {
  const provider = {
    calls: 0,
    aborted: 0,
    /** Resolves before each word. */
    gate: Promise.resolve(),
    ask: (signal: AbortSignal): Promise<AsyncIterable<ChatEvent[]>> => {
      provider.calls++;
      signal.addEventListener("abort", () => provider.aborted++);
      return Promise.resolve(
        (async function* (): AsyncGenerator<ChatEvent[]> {
          for (const one of words) {
            await provider.gate;
            signal.throwIfAborted();
            yield [word(one)];
          }
          yield [DONE];
        })(),
      );
    },
  };
  return provider;
}

async function read(events: AsyncIterable<ChatEvent[]>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const batch of events) all.push(...batch);
  return all;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("the cache of answers", () => {
  const { signal } = new AbortController();
  const clock = createTestClock();
  // lru-cache takes a time of 0 for none.
  clock.advance(1);
  let cache: AnswerCache;

  beforeEach(() => {
    cache = createAnswerCache({ mode: "auto", ttlMs: 60_000, maxBytes: 100_000, clock });
  });

  async function fill(provider = createProvider("a", "b")): Promise<ChatEvent[]> {
    const { events, keep, state } = await cache.answer(QUESTION, provider.ask, signal);
    assert.equal(state, "miss");
    const all = await read(events);
    keep();
    return all;
  }

  it("gives the same events again, without asking", async () => {
    const provider = createProvider("a", "b");
    const first = await fill(provider);
    const second = await cache.answer(QUESTION, provider.ask, signal);
    assert.equal(second.state, "hit");
    assert.deepEqual(await read(second.events), first);
    assert.equal(provider.calls, 1);
  });

  it("keeps nothing that nobody called whole", async () => {
    const provider = createProvider("a");
    const { events } = await cache.answer(QUESTION, provider.ask, signal);
    await read(events);
    assert.equal((await cache.answer(QUESTION, provider.ask, signal)).state, "miss");
  });

  const SAME: [string, object][] = [
    ["the order of the keys", { request: { b: 2, model: "m", a: 1 } }],
    [
      "whether it is a stream",
      { request: { ...QUESTION.request, stream: true, stream_options: {} } },
    ],
  ];
  for (const [name, other] of SAME) {
    it(`does not mind ${name}`, async () => {
      await fill();
      const again = cache.answer({ ...QUESTION, ...other }, createProvider().ask, signal);
      assert.equal((await again).state, "hit");
    });
  }

  const OTHERS: [string, object][] = [
    ["another value", { request: { ...QUESTION.request, a: 2 } }],
    ["a further field", { request: { ...QUESTION.request, c: null } }],
    ["another provider", { provider: "q" }],
    ["another route", { route: "completions" }],
    ["stops of the bridge's own", { stops: ["x"] }],
  ];
  for (const [name, other] of OTHERS) {
    it(`takes for another question: ${name}`, async () => {
      await fill();
      const asked = cache.answer({ ...QUESTION, ...other }, createProvider().ask, signal);
      assert.equal((await asked).state, "miss");
    });
  }

  it("asks once for two who wait, and gives both all of it", async () => {
    const provider = createProvider("a", "b", "c");
    let open: () => void = () => undefined;
    provider.gate = new Promise((resolve) => (open = resolve));
    const first = await cache.answer(QUESTION, provider.ask, signal);
    const reading = read(first.events);
    const second = await cache.answer(QUESTION, provider.ask, signal);
    assert.equal(second.state, "shared");
    const also = read(second.events);
    open();
    assert.deepEqual(await also, await reading);
    assert.equal((await reading).length, 4);
    assert.equal(provider.calls, 1);
  });

  it("goes on for the one who stays when the other leaves, and ends with the last", async () => {
    const provider = createProvider("a", "b");
    let open: () => void = () => undefined;
    provider.gate = new Promise((resolve) => (open = resolve));
    const leaving = new AbortController();
    const first = await cache.answer(QUESTION, provider.ask, leaving.signal);
    const staying = new AbortController();
    const second = await cache.answer(QUESTION, provider.ask, staying.signal);
    const lost = read(first.events);
    const kept = read(second.events);
    leaving.abort(new Error("gone"));
    await assert.rejects(within("the one who left is told", lost), /gone/);
    assert.equal(provider.aborted, 0);
    open();
    assert.equal((await within("the other gets all", kept)).length, 3);
  });

  it("hangs up on the provider when the last one leaves", async () => {
    const provider = createProvider("a");
    provider.gate = new Promise(() => undefined);
    const leaving = new AbortController();
    const { events } = await cache.answer(QUESTION, provider.ask, leaving.signal);
    const reading = read(events);
    leaving.abort(new Error("gone"));
    await assert.rejects(reading, /gone/);
    await settled();
    assert.equal(provider.aborted, 1);
    const next = createProvider("b");
    assert.equal((await cache.answer(QUESTION, next.ask, signal)).state, "miss", "nobody joins it");
  });

  it("never keeps nor shares an error", async () => {
    const failing = () => Promise.reject(new Error("down"));
    const both = [1, 2].map(() => cache.answer(QUESTION, failing, signal));
    for (const one of await Promise.allSettled(both)) assert.equal(one.status, "rejected");
    const provider = createProvider("a");
    assert.equal((await cache.answer(QUESTION, provider.ask, signal)).state, "miss");
  });

  it("tells an error in the middle to everyone, after what came before", async () => {
    const broken = () =>
      Promise.resolve(
        (async function* (): AsyncGenerator<ChatEvent[]> {
          await Promise.resolve();
          yield [word("a")];
          throw new Error("cut");
        })(),
      );
    const first = await cache.answer(QUESTION, broken, signal);
    const second = await cache.answer(QUESTION, broken, signal);
    for (const { events } of [first, second]) await assert.rejects(read(events), /cut/);
    assert.equal((await cache.answer(QUESTION, createProvider().ask, signal)).state, "miss");
  });

  it("keeps what a reader had read who needed no more", async () => {
    const { events, keep } = await cache.answer(QUESTION, createProvider("a", "b").ask, signal);
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
    keep();
    const again = await cache.answer(QUESTION, createProvider().ask, signal);
    assert.equal((await read(again.events)).length, 1);
  });

  it("keeps no more than its bytes, and no answer that would push out all others", async () => {
    cache = createAnswerCache({ mode: "all", ttlMs: 60_000, maxBytes: 10_000, clock });
    const ask = async (name: string, text: string) => {
      const question = { ...QUESTION, request: { name } };
      const answer = await cache.answer(question, createProvider(text).ask, signal);
      await read(answer.events);
      answer.keep();
      return answer.state;
    };
    for (let number = 0; number < 20; number++) await ask(`${number}`, "x".repeat(400));
    assert.equal(await ask("0", "x"), "miss");
    assert.equal(await ask("19", "x"), "hit");
    await ask("large", "x".repeat(4000));
    assert.equal(await ask("large", "x"), "miss");
  });

  it("holds no more of a long answer than somebody still has to read", async () => {
    cache = createAnswerCache({ mode: "all", ttlMs: 60_000, maxBytes: 4000, clock });
    const provider = createProvider(
      ...Array.from({ length: 500 }, (_, number) => `word ${number}`),
    );
    const { events, keep } = await cache.answer(QUESTION, provider.ask, signal);
    assert.equal((await read(events)).length, 501, "all of it came");
    keep();
    assert.equal((await cache.answer(QUESTION, createProvider().ask, signal)).state, "miss");
  });

  it("lets go of a reader who is far behind the other, and tells it", async () => {
    cache = createAnswerCache({ mode: "all", ttlMs: 60_000, maxBytes: 4000, clock });
    const provider = createProvider(
      ...Array.from({ length: 500 }, (_, number) => `word ${number}`),
    );
    const slow = await cache.answer(QUESTION, provider.ask, signal);
    const fast = await cache.answer(QUESTION, provider.ask, signal);
    const behind = slow.events[Symbol.asyncIterator]();
    await behind.next();
    assert.equal((await read(fast.events)).length, 501);
    await assert.rejects(
      async () => {
        while (!(await behind.next()).done);
      },
      { code: "upstream_failed", message: /read too slowly/ },
    );
  });

  it("forgets after its time", async () => {
    await fill();
    clock.advance(60_001);
    assert.equal((await cache.answer(QUESTION, createProvider().ask, signal)).state, "miss");
  });

  it("keeps by its mode", () => {
    const kept = (["off", "auto", "all"] as const).map((mode) => {
      const { keeps } = createAnswerCache({ mode, ttlMs: 1, maxBytes: 1, clock });
      return [keeps(false), keeps(true)];
    });
    assert.deepEqual(kept, [
      [false, false],
      [false, true],
      [true, true],
    ]);
  });
});
