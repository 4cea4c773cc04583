export interface StopFilter {
  /** What is surely no part of a stop string. */
  push(text: string): string;
  /** What was held back and turned out to be none. */
  end(): string;
  /** A stop string was met: nothing that follows counts. */
  readonly isStopped: boolean;
}

/**
 * Cuts a text at the stop string that is complete first, wherever the text is split. Nothing of a stop string gets
 * out; what only looked like the beginning of one comes out later. Holds back less than the longest one.
 */
export function createStopFilter(stops: readonly string[]): StopFilter {
  const wanted = stops.filter((stop) => stop !== "");
  let held = "";
  let isStopped = false;
  return {
    push(text) {
      if (isStopped) return "";
      const all = held + text;
      const at = firstComplete(all, wanted);
      if (at !== -1) {
        isStopped = true;
        held = "";
        return all.slice(0, at);
      }
      const kept = Math.max(0, ...wanted.map((stop) => beginningAtEnd(all, stop)));
      held = all.slice(all.length - kept);
      return all.slice(0, all.length - kept);
    },
    end() {
      const rest = held;
      held = "";
      return rest;
    },
    get isStopped() {
      return isStopped;
    },
  };
}

/** Where the stop string begins that ends first; of several that end there, the longest. */
function firstComplete(text: string, stops: readonly string[]): number {
  let start = -1;
  let end = Infinity;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at === -1) continue;
    const isSooner = at + stop.length < end || (at + stop.length === end && at < start);
    if (isSooner) [start, end] = [at, at + stop.length];
  }
  return start;
}

/** How many characters at the end of the text may be the beginning of the stop string. */
function beginningAtEnd(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length;
  }
  return 0;
}
