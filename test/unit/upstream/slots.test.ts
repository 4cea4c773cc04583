import assert from "node:assert/strict";
import { createSlots } from "../../../src/upstream/slots.ts";

describe("slots", () => {
  const { signal } = new AbortController();
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

  it("let so many in at once, and the others in their order", async () => {
    const slots = createSlots({ size: 2, queue: 5 });
    const entered: number[] = [];
    const releases: (() => void)[] = [];
    for (const number of [1, 2, 3, 4]) {
      void slots.take(signal).then((release) => {
        entered.push(number);
        releases.push(release);
      });
    }
    await settled();
    assert.deepEqual(entered, [1, 2]);
    assert.deepEqual([slots.running, slots.waiting], [2, 2]);
    releases[0]?.();
    releases[0]?.();
    await settled();
    assert.deepEqual(entered, [1, 2, 3], "giving back twice frees one place");
    releases[1]?.();
    await settled();
    assert.deepEqual(entered, [1, 2, 3, 4]);
  });

  it("say in Ollama's words that too many wait", async () => {
    const slots = createSlots({ size: 1, queue: 1 });
    await slots.take(signal);
    void slots.take(signal);
    await assert.rejects(slots.take(signal), {
      code: "too_many_waiting",
      message: "server busy, please try again.  maximum pending requests exceeded",
      retryAfter: "1",
    });
  });

  it("make room at once when a client leaves the queue, and skip it", async () => {
    const slots = createSlots({ size: 1, queue: 1 });
    const release = await slots.take(signal);
    const leaving = new AbortController();
    const left = slots.take(leaving.signal);
    leaving.abort(new Error("gone"));
    await assert.rejects(left, /gone/);
    assert.equal(slots.waiting, 0);
    const next = slots.take(signal);
    release();
    await next;
    assert.equal(slots.running, 1);
  });

  it("let nobody in who has gone already", async () => {
    const slots = createSlots({ size: 1, queue: 1 });
    await assert.rejects(slots.take(AbortSignal.abort(new Error("gone"))), /gone/);
    assert.equal(slots.running, 0);
  });
});
