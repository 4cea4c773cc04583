import type { Client } from "./client.ts";
import type { RunningContender } from "./contenders.ts";
import { cpuMicroseconds } from "./process-usage.ts";
import { median } from "./statistics.ts";

/** One number from one contender in one round. */
export type Sample = (client: Client, contender: RunningContender) => Promise<number>;

export interface Load {
  requests: number;
  parallel: number;
  one: (client: Client, contender: RunningContender) => Promise<void>;
}

/** CPU time of the contender's process per content chunk, in microseconds; start and end of a stream included. */
export function cpuPerChunk({ streams, chunks }: { streams: number; chunks: number }): Sample {
  return async (client, contender) => {
    const before = cpuMicroseconds(contender.child.pid);
    await inParallel(streams, () => client.stream(contender, { chunks }));
    return (cpuMicroseconds(contender.child.pid) - before) / (streams * chunks);
  };
}

/** CPU time of the contender's process per answer, `parallel` of them under way all the time; in microseconds. */
export function cpuPerAnswer(load: Load): Sample {
  return async (client, contender) => {
    const before = cpuMicroseconds(contender.child.pid);
    await keepBusy(load, () => load.one(client, contender));
    return (cpuMicroseconds(contender.child.pid) - before) / load.requests;
  };
}

/** Median time of an answer in one piece, one after the other, in milliseconds. */
export function latency({ requests }: { requests: number }): Sample {
  return (client, contender) => medianOf(requests, () => timeOf(() => client.ask(contender)));
}

/** Median time until the first content chunk, one stream after the other, in milliseconds. */
export function firstToken({ streams, chunks }: { streams: number; chunks: number }): Sample {
  return (client, contender) =>
    medianOf(streams, () => timeToFirstToken(client, contender, chunks));
}

/** Answers per second, `parallel` of them under way all the time. */
export function perSecond(load: Load): Sample {
  return async (client, contender) => {
    const elapsed = await timeOf(() => keepBusy(load, () => load.one(client, contender)));
    return (load.requests / elapsed) * 1000;
  };
}

async function timeToFirstToken(
  client: Client,
  contender: RunningContender,
  chunks: number,
): Promise<number> {
  const start = performance.now();
  let first: number | undefined;
  await client.stream(contender, {
    chunks,
    onNewlines: (count) => {
      if (count >= contender.newlinesToFirstToken) first ??= performance.now();
    },
  });
  return (first ?? NaN) - start;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function medianOf(times: number, sample: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let index = 0; index < times; index++) values.push(await sample());
  return median(values);
}

async function inParallel(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work));
}

async function keepBusy({ requests, parallel }: Load, one: () => Promise<void>): Promise<void> {
  let left = requests;
  await inParallel(parallel, async () => {
    while (left-- > 0) await one();
  });
}
