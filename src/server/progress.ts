import { BridgeError } from "../base/errors.ts";
import { createLineSource } from "./line-reply.ts";
import type { Exchange } from "./exchange.ts";
import { failure, json, ndjson } from "./reply.ts";

/** A step of pull, push or create, as Ollama tells it. */
export interface Progress {
  status: string;
  /** "sha256:" and 64 hexadecimal digits. */
  digest?: string;
  /** Bytes. */
  total?: number;
  completed?: number;
}

/**
 * The steps as lines, or only how they ended. A failure after the first line is a last line of status 200, as
 * Ollama's is, and one of status 500 when no lines are wanted.
 */
export async function progress(
  steps: AsyncGenerator<Progress>,
  { exchange, stream }: { exchange: Exchange; stream: boolean },
): Promise<Response> {
  if (!stream) return await lastOf(steps);
  const lines = (async function* () {
    for await (const step of steps) yield [`${JSON.stringify(step)}\n`];
  })();
  const first = await lines.next();
  return ndjson(
    createLineSource(lines, {
      first: first.done ? [] : first.value,
      onEnd: (end) => {
        exchange.finish(200, end);
      },
    }),
  );
}

async function lastOf(steps: AsyncGenerator<Progress>): Promise<Response> {
  let last: Progress = { status: "" };
  try {
    for await (const step of steps) last = step;
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    return failure(new BridgeError("failed_on_the_way", error.message, { cause: error }));
  }
  return json(last);
}
