import picomatch from "picomatch";

/** Whether a text matches one of the patterns: `*` stands for anything, slashes included, in any case. */
export function globs(patterns: string[]): (text: string) => boolean {
  if (patterns.length === 0) return () => false;
  return picomatch(patterns, { nocase: true, dot: true, bash: true });
}
