import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "./client.ts";
import type { RunningContender } from "./contenders.ts";
import { residentKilobytes } from "./process-usage.ts";
import type { Sample } from "./samples.ts";

export interface SlowStreams {
  streams: number;
  chunks: number;
  intervalMs: number;
}

/**
 * Kilobytes that a process grows by per open stream, measured in the middle of the streams. The process
 * must be new: one that has grown before takes its old pages again.
 *
 * @throws Error when not all streams run at the same time
 */
export function memoryPerStream({ streams, chunks, intervalMs }: SlowStreams): Sample {
  return async (client, contender) => {
    await client.stream(contender, { chunks });
    const before = residentKilobytes(contender.child.pid);
    const open = openStreams(client, contender, { streams, chunks });
    await delay((chunks * intervalMs) / 2);
    const running = open.started();
    const after = residentKilobytes(contender.child.pid);
    await open.finished;
    if (running < streams) {
      throw new Error(
        `only ${running} of ${streams} streams through the ${contender.name} run at once`,
      );
    }
    return (after - before) / streams;
  };
}

function openStreams(
  client: Client,
  contender: RunningContender,
  { streams, chunks }: Pick<SlowStreams, "streams" | "chunks">,
) {
  const counts = Array.from({ length: streams }, () => 0);
  const finished = Promise.all(
    counts.map((_, index) =>
      client.stream(contender, {
        chunks,
        onNewlines: (count) => {
          counts[index] = count;
        },
      }),
    ),
  );
  return {
    finished,
    /** How many streams have delivered a chunk. */
    started: () => counts.filter((count) => count >= contender.newlinesToFirstToken).length,
  };
}
