import type { Hole } from "./fim-templates.ts";

export interface OverlapFilter {
  push(text: string): string;
  end(): string;
  /** The text behind the hole was reached: nothing that follows counts. */
  readonly isReached: boolean;
}

/** Of the suffix so much is compared, in characters. */
const MAX_SUFFIX = 400;

/** So many characters that are no white space are no coincidence. */
const STRONG = 4;

/**
 * Cuts a fill where it goes on with the text behind the hole. It does when it ends in whole lines of that text;
 * a line as short as `)` or `}` counts only where the fill has closed a bracket that it did not open, since
 * otherwise the bracket is its own. Holds back no more than what the suffix begins with.
 */
export function createOverlapFilter({ prefix, suffix }: Hole): OverlapFilter {
  const heads = headsOf(suffix);
  const isOnOwnLine = /(^|\n)[ \t]*$/.test(prefix);
  let said = "";
  let held = "";
  let isReached = false;

  function longestHeld(text: string): number {
    return Math.max(0, ...heads.map((head) => overlapOf(text, head)));
  }

  /** Where the hole begins a line, the suffix begins one, too: in the middle of a line it is something else. */
  function mayBegin(at: number): boolean {
    const line = /[^\n]*$/.exec(said + held.slice(0, at))?.[0] ?? "";
    return !isOnOwnLine || held[at] === "\n" || line.trim() === "";
  }

  function release(length: number): string {
    const text = held.slice(0, length);
    held = held.slice(length);
    said += text;
    return text;
  }

  return {
    push(text) {
      if (isReached || text === "") return "";
      held += text;
      const reached = firstStrong(held, heads);
      if (reached !== -1 && mayBegin(reached)) {
        isReached = true;
        return release(reached);
      }
      return release(held.length - longestHeld(held));
    },
    end() {
      if (isReached) return "";
      const length = heads
        .map((head) => overlapOf(held, head))
        .filter((one) => mayBegin(held.length - one))
        .filter((one) => isTheSuffix(held.slice(held.length - one), { suffix, said: said + held }))
        .sort((a, b) => b - a)[0];
      return release(held.length - (length ?? 0));
    },
    get isReached() {
      return isReached;
    },
  };
}

/** The suffix as it is, and without the empty lines at its start, of which models write another number. */
function headsOf(suffix: string): string[] {
  const head = suffix.slice(0, MAX_SUFFIX);
  const lines = withoutEmptyLines(head);
  return [...new Set([head, `\n${lines}`])].filter((one) => one.trim() !== "");
}

/** How many characters at the end of the text the head begins with. */
function overlapOf(text: string, head: string): number {
  for (let length = Math.min(text.length, head.length); length > 0; length--) {
    if (text.endsWith(head.slice(0, length))) return length;
  }
  return 0;
}

/** Where whole lines of the suffix begin that are no coincidence, and something follows them; or -1. */
function firstStrong(text: string, heads: string[]): number {
  const found = heads
    .map(strongPart)
    .filter((lines) => lines !== "")
    .map((lines) => text.indexOf(lines))
    .filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** The first lines of the suffix that are long enough together, with the line break behind them. */
function strongPart(head: string): string {
  for (let end = head.indexOf("\n", 1); end !== -1; end = head.indexOf("\n", end + 1)) {
    const lines = head.slice(0, end + 1);
    if (weightOf(lines) >= STRONG) return lines;
  }
  return "";
}

function weightOf(text: string): number {
  return text.replaceAll(/\s/g, "").length;
}

/** Whether an overlap at the very end is the suffix, or the fill's own. */
function isTheSuffix(overlap: string, { suffix, said }: { suffix: string; said: string }): boolean {
  const words = overlap.trim();
  if (words === "") return false;
  if (/^[)\]}>;,\s"'`]+$/.test(words)) return closesTooMuch(said);
  const next = withoutEmptyLines(suffix)[withoutEmptyLines(overlap).length];
  const isWholeLine = next === undefined || next === "\n" || overlap.endsWith("\n");
  return isWholeLine && weightOf(words) >= STRONG;
}

function withoutEmptyLines(text: string): string {
  return text.replace(/^(\s*\n)+/, "");
}

/** The fill closes brackets that it has not opened; those are the ones behind the hole. */
function closesTooMuch(text: string): boolean {
  const open = (text.match(/[([{]/g) ?? []).length;
  const closed = (text.match(/[)\]}]/g) ?? []).length;
  return closed > open;
}
