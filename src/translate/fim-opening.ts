import type { Hole } from "./fim-templates.ts";

export interface AnswerOpening {
  push(text: string): string;
  end(): string;
  /** The fill stands in a code fence, which has been opened. */
  readonly isFenced: boolean;
}

/** Most text that is held back before it is clear how the answer begins, in characters. */
const MAX_HELD = 2000;

/** Shorter repetitions are coincidence: "(" behind "(" is code. */
const MIN_ECHO = 4;

/** How an answer begins that talks before it fills. */
const CHATTER =
  /^(sure|certainly|of course|absolutely|okay|here(?:'s| is| are)|this is|the (?:missing|completed?|following|code)|to (?:complete|fill)|i(?:'ll| will| have)|below is)\b/i;

const LONGEST_CHATTER_WORD = 14;

/**
 * Takes what does not fill the hole off the front of an answer: words about the code, the opening of a code
 * fence, and the text before the hole, said once more. Holds back until that is clear.
 */
export function createAnswerOpening(hole: Pick<Hole, "prefix">): AnswerOpening {
  const isInFence = countOf(hole.prefix, "```") % 2 === 1;
  const echoes = echoesOf(hole.prefix);
  let held = "";
  let step: "talk" | "echo" | "open" = isInFence ? "echo" : "talk";
  let isFenced = false;

  function settle(isLast: boolean): string {
    if (step === "talk") skipTalk(isLast);
    if (step === "echo") skipEcho(isLast);
    if (step !== "open") return "";
    const text = held;
    held = "";
    return text;
  }

  function skipTalk(isLast: boolean): void {
    const start = held.trimStart();
    const fence = /^```[^\n]*\n/.exec(start)?.[0];
    if (fence !== undefined) {
      open(start.slice(fence.length));
      return;
    }
    const isUndecided = !isLast && held.length < MAX_HELD;
    if (isUndecided && (start === "" || "```".startsWith(start) || /^```[^\n]*$/.test(start)))
      return;
    if (!mayBeChatter(start)) {
      step = "echo";
      return;
    }
    const behind = /\n\s*```[^\n]*\n/.exec(start);
    if (behind) {
      open(start.slice(behind.index + behind[0].length));
      return;
    }
    if (isUndecided) return;
    // Without a fence only a line that announces code is talk.
    const announced = /^[^\n]*:\s*\n+/.exec(start)?.[0];
    if (announced !== undefined) held = start.slice(announced.length);
    step = "echo";
  }

  function open(rest: string): void {
    held = rest;
    isFenced = true;
    step = "echo";
  }

  function skipEcho(isLast: boolean): void {
    const isUndecided =
      !isLast && echoes.some((echo) => echo.length > held.length && echo.startsWith(held));
    if (isUndecided) return;
    const echo = echoes.find((one) => held.startsWith(one));
    if (echo !== undefined) held = held.slice(echo.length);
    step = "open";
  }

  return {
    push(text) {
      if (step === "open") return text;
      held += text;
      return settle(false);
    },
    end: () => settle(true),
    get isFenced() {
      return isFenced;
    },
  };
}

function mayBeChatter(start: string): boolean {
  const word = start.slice(0, LONGEST_CHATTER_WORD).toLowerCase();
  return CHATTER.test(start) || (start.length < LONGEST_CHATTER_WORD && isBeginning(word));
}

/** Whether more text may make it one of the ways to begin talk. */
function isBeginning(word: string): boolean {
  return TALK.some((one) => one.startsWith(word));
}

const TALK = [
  "sure",
  "certainly",
  "of course",
  "absolutely",
  "okay",
  "here's",
  "here is",
  "here are",
  "this is",
  "the missing",
  "the completed",
  "the following",
  "the code",
  "to complete",
  "to fill",
  "i'll",
  "i will",
  "i have",
  "below is",
];

/**
 * What a model may repeat: the last lines up to the cursor, longest first, with and without the indentation of
 * the first of them.
 */
function echoesOf(prefix: string): string[] {
  const tail = prefix.slice(-MAX_HELD);
  const starts = [...tail.matchAll(/^/gm)].map(({ index }) => index);
  return starts
    .flatMap((start) => [tail.slice(start), tail.slice(start).trimStart()])
    .filter((echo) => echo.trim().length >= MIN_ECHO)
    .sort((a, b) => b.length - a.length);
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}
