import { readFileSync, readdirSync } from "node:fs";

/** CPU time of all threads so far, in microseconds. Linux only; /proc/<pid>/stat counts in steps of 10 ms. */
export function cpuMicroseconds(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((thread) =>
    parseInt(readFileSync(`${tasks}/${thread}/schedstat`, "utf8"), 10),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1000;
}

/** Memory in use, in kilobytes. Linux only. */
export function residentKilobytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}
