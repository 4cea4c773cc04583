import { orAborted } from "../base/abort.ts";
import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";

export type Batch = openai.ChatEvent[];

/** One call that several read, each at its own pace; the fastest pulls. It ends with the last that leaves. */
export interface SharedAnswer {
  /** Nobody can join it any more. */
  readonly isOver: boolean;
  /**
   * All of it from the beginning, when the call is under way.
   *
   * @throws what the call failed with, or `signal` was aborted with
   */
  join(signal: AbortSignal): Promise<AsyncIterable<Batch>>;
  /** What has been read from the beginning on; undefined when it was too large to stay. */
  whole(): { batches: Batch[]; size: number } | undefined;
}

export interface SharedAnswerOptions {
  /** Bytes that are held for whoever joins later, and for the cache. */
  maxSize: number;
  onOver: () => void;
}

/** So many times the size a reader may lag behind the fastest. */
const MAX_LAG = 4;

interface Reader {
  /** Of the batch that it reads next. */
  position: number;
  isLost: boolean;
}

export function shareAnswer(
  ask: (signal: AbortSignal) => Promise<AsyncIterable<Batch>>,
  { maxSize, onOver }: SharedAnswerOptions,
): SharedAnswer {
  const controller = new AbortController();
  const readers = new Set<Reader>();
  const held: { batch: Batch; size: number }[] = [];
  /** Batches before this one are gone: the answer was too large to be held. */
  let begin = 0;
  let size = 0;
  let isOver = false;
  let isEnded = false;
  /** What it ended with, for whoever reads up to there later. */
  let failure: { error: unknown } | undefined;
  let asking: Promise<AsyncIterator<Batch>> | undefined;
  let pulling: Promise<void> | undefined;

  function end(): void {
    if (isOver) return;
    isOver = true;
    onOver();
  }

  function start(): Promise<AsyncIterator<Batch>> {
    asking ??= ask(controller.signal).then(
      (events) => events[Symbol.asyncIterator](),
      (error: unknown) => {
        end();
        throw error;
      },
    );
    return asking;
  }

  async function pull(): Promise<void> {
    try {
      const next = await (await start()).next();
      if (next.done) {
        isEnded = true;
        end();
      } else hold(next.value);
    } catch (error) {
      failure = { error };
      end();
    } finally {
      pulling = undefined;
    }
  }

  function hold(batch: Batch): void {
    const bytes = sizeOf(batch);
    held.push({ batch, size: bytes });
    size += bytes;
    if (begin === 0 && size <= maxSize) return;
    end();
    if (size > MAX_LAG * maxSize) loseSlowest();
    drop();
  }

  /** What every reader has behind it. */
  function drop(): void {
    const oldest = Math.min(...[...readers].map(({ position }) => position));
    while (begin < oldest && held.length > 0) {
      size -= held.shift()?.size ?? 0;
      begin++;
    }
  }

  function loseSlowest(): void {
    const newest = Math.max(...[...readers].map(({ position }) => position));
    for (const reader of readers) {
      if (reader.position === newest) continue;
      reader.isLost = true;
      readers.delete(reader);
    }
  }

  function leave(reader: Reader): void {
    readers.delete(reader);
    if (readers.size > 0) return;
    end();
    if (isEnded) return;
    controller.abort();
    void asking?.then((iterator) => iterator.return?.()).catch(() => undefined);
  }

  async function* read(reader: Reader, signal: AbortSignal): AsyncGenerator<Batch> {
    try {
      for (;;) {
        while (reader.position >= begin + held.length && !isEnded) {
          if (failure) throw failure.error;
          pulling ??= pull();
          await orAborted(pulling, signal);
        }
        if (reader.isLost) throw tooSlow();
        const next = held[reader.position - begin];
        if (!next) return;
        reader.position++;
        yield next.batch;
      }
    } finally {
      leave(reader);
    }
  }

  return {
    get isOver() {
      return isOver;
    },
    async join(signal) {
      const reader: Reader = { position: 0, isLost: false };
      readers.add(reader);
      try {
        await orAborted(start(), signal);
        return read(reader, signal);
      } catch (error) {
        leave(reader);
        throw error;
      }
    },
    whole: () =>
      begin === 0 ? { batches: held.map(({ batch }) => batch), size: size + 1 } : undefined,
  };
}

/** Two bytes for each character of the text, as it lies in memory at the most. */
function sizeOf(batch: Batch): number {
  return 2 * JSON.stringify(batch).length;
}

function tooSlow(): BridgeError {
  const message = "the answer was read too slowly to be shared with another client's. Ask again.";
  return new BridgeError("upstream_failed", message);
}
