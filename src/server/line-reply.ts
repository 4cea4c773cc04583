import { BridgeError } from "../base/errors.ts";

/** How a stream ended. */
interface StreamEnd {
  /** Absent when it came to its end, or its reader left. */
  error?: unknown;
  /** What was handed over. */
  bytesOut: number;
}

/**
 * A reply of lines. Each is a write and an event-loop turn of its own: Cody and others parse whatever one
 * read brings. A failure after the first lines is the last line, `{"error":…}`.
 */
export interface LineSource {
  /** The next line, in the turn in which it may be written; undefined after the last. */
  next(): Promise<string | undefined>;
  /** The reader has left. */
  cancel(): Promise<void>;
}

export interface LineSourceOptions {
  /** What the caller has awaited already. */
  first: string[];
  onEnd: (end: StreamEnd) => void;
  /** The last line, when it went wrong: `{"error":…}` where nothing else is said. */
  toErrorLine?: (error: unknown) => string;
}

/**
 * @param lines batches; the caller has awaited the first, so that a failure before it could still have its status
 */
export function createLineSource(
  lines: AsyncIterator<string[]>,
  { first, onEnd, toErrorLine = (error) => `${errorBody(error)}\n` }: LineSourceOptions,
): LineSource {
  let batch = first;
  let position = 0;
  let isCrowded = false;
  let isOver = false;
  let bytesOut = 0;

  async function nextBatch(): Promise<string | undefined> {
    try {
      const result = await lines.next();
      if (!result.done) {
        batch = result.value;
        position = 0;
        return take();
      }
      isOver = true;
      onEnd({ bytesOut });
      return undefined;
    } catch (error) {
      isOver = true;
      const line = toErrorLine(error);
      bytesOut += Buffer.byteLength(line);
      onEnd({ error, bytesOut });
      return line;
    }
  }

  function take(): string | undefined {
    isCrowded = batch.length > 1;
    const line = batch[position++];
    bytesOut += Buffer.byteLength(line ?? "");
    return line;
  }

  return {
    async next() {
      if (isOver) return undefined;
      if (isCrowded) await nextTurn();
      // A batch begins where sockets are read; the first immediate after that still belongs to the same turn.
      if (isCrowded && position === 1) await nextTurn();
      return position < batch.length ? take() : await nextBatch();
    },
    async cancel() {
      isOver = true;
      onEnd({ bytesOut });
      await lines.return?.();
    },
  };
}

/** A bug is told as one; what it was is in the log. */
export function errorBody(error: unknown): string {
  const message =
    error instanceof BridgeError ? error.message : "internal error: see the log of Llama Bridge";
  return JSON.stringify({ error: message });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
