import type { Script } from "./completion.ts";
import type { ContenderName } from "./contenders.ts";
import { memoryPerStream } from "./memory.ts";
import {
  cpuPerAnswer,
  cpuPerChunk,
  firstToken,
  latency,
  perSecond,
  type Load,
  type Sample,
} from "./samples.ts";

export interface Measure {
  title: string;
  unit: string;
  /** How the bridge is set against the pipe. */
  compare: "ratio" | "difference";
  goal?: { atMost: number } | { atLeast: number };
  contenders: ContenderName[];
  script: Script;
  rounds: number;
  /** A new process for each sample instead of the one that is warm. */
  fresh?: true;
  sample: Sample;
}

export interface Effort {
  /** How many rounds, as a share of the usual number. */
  rounds: number;
  /** How much is done in a round, as a share of the usual amount. */
  size: number;
}

const ALL: ContenderName[] = ["pipe", "split pipe", "bridge"];
const PIPE_AND_BRIDGE: ContenderName[] = ["pipe", "bridge"];

const SHORT: Script = { chunks: 16, eventsPerWrite: 1, intervalMs: 0 };
/** As many as the bridge opens to one provider. */
const SLOW = { streams: 100, chunks: 32, intervalMs: 100 };

/** Everything that is measured, in the order of the table. */
export function createMeasures(effort: Effort): Measure[] {
  const rounds = (usual: number) => Math.max(2, Math.round(usual * effort.rounds));
  const size = (usual: number) => Math.max(8, 8 * Math.round((usual * effort.size) / 8));
  return [
    ...cpuMeasures(size, rounds(7)),
    ...waitMeasures(size, rounds(9)),
    ...throughputMeasures(size, rounds(7)),
    {
      title: `memory per stream, ${SLOW.streams} slow streams`,
      unit: "kB",
      compare: "difference",
      contenders: PIPE_AND_BRIDGE,
      script: { ...SLOW, eventsPerWrite: 1 },
      rounds: rounds(3),
      fresh: true,
      sample: memoryPerStream(SLOW),
    },
  ];
}

type Scale = (usual: number) => number;

/** Writes without pause come in faster than they are passed on and are read several at once; paced ones are not. */
function cpuMeasures(size: Scale, rounds: number): Measure[] {
  const measure = (title: string, parts: { streams: number } & Script): Measure => ({
    title: `CPU per chunk, ${title}`,
    unit: "us",
    compare: "ratio",
    contenders: ALL,
    script: parts,
    rounds,
    sample: cpuPerChunk(parts),
    ...(parts.eventsPerWrite === 1 && { goal: { atMost: 1.5 } }),
  });
  const long = { streams: 1, chunks: size(20_000), intervalMs: 0 };
  const paced = { streams: 20, chunks: size(200), intervalMs: 4 };
  return [
    measure("1 event per write", { ...long, eventsPerWrite: 1 }),
    measure("8 events per write", { ...long, eventsPerWrite: 8 }),
    measure("20 streams, 1 event per 4 ms", { ...paced, eventsPerWrite: 1 }),
  ];
}

function waitMeasures(size: Scale, rounds: number): Measure[] {
  const measure = (title: string, sample: Sample): Measure => ({
    title,
    unit: "ms",
    compare: "difference",
    goal: { atMost: 0.3 },
    contenders: PIPE_AND_BRIDGE,
    script: SHORT,
    rounds,
    sample,
  });
  return [
    measure("latency, answer in one piece", latency({ requests: size(400) })),
    measure("time to first token", firstToken({ streams: size(200), chunks: SHORT.chunks })),
  ];
}

function throughputMeasures(size: Scale, rounds: number): Measure[] {
  const amount = { requests: size(1500), parallel: 50 };
  const answers: Load = { ...amount, one: (client, contender) => client.ask(contender) };
  const streams: Load = { ...amount, one: (client, contender) => client.stream(contender, SHORT) };
  const measure = (title: string, unit: string, sample: Sample): Measure => ({
    title: `${title} at 50 parallel`,
    unit,
    compare: "ratio",
    contenders: PIPE_AND_BRIDGE,
    script: SHORT,
    rounds,
    sample,
  });
  return [
    { ...measure("requests", "1/s", perSecond(answers)), goal: { atLeast: 0.9 } },
    measure("CPU per request", "us", cpuPerAnswer(answers)),
    measure("16-chunk streams", "1/s", perSecond(streams)),
    measure("CPU per 16-chunk stream", "us", cpuPerAnswer(streams)),
  ];
}
