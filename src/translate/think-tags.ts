import type { Piece } from "./reasoning.ts";

/** How models mark thinking inside their text: Qwen and DeepSeek, Gemini, Magistral, Kimi-VL, gpt-oss, Seed. */
const TAGS: readonly [open: string, close: string][] = [
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
  ["<thought>", "</thought>"],
  ["<reasoning>", "</reasoning>"],
  ["<seed:think>", "</seed:think>"],
  ["[THINK]", "[/THINK]"],
  ["◁think▷", "◁/think▷"],
  ["<|channel|>analysis<|message|>", "<|end|>"],
];

/** What gpt-oss writes between its thinking and its answer. */
const FILLERS = ["<|start|>assistant", "<|channel|>final<|message|>"];

const OPENERS = TAGS.map(([open]) => open);

/** The only one that is known to come without its opener (DeepSeek-R1, QwQ, Qwen3-Thinking). */
const SILENT_CLOSER = "</think>";

/** Most text that is held back to see whether it was thinking without an opening tag, in characters. */
const MAX_HELD = 1024 * 1024;

/**
 * How an answer may begin.
 * - `text`: it is text unless it opens with a tag.
 * - `thinking`: the model's template has opened the tag already.
 * - `either`: that is possible, so text waits for a closing tag or the end.
 */
export type Beginning = "text" | "thinking" | "either";

export interface ThinkTagSplitter {
  push(text: string): Piece[];
  end(): Piece[];
  /** A closing tag came that nobody had opened. */
  readonly closedSilently: boolean;
  /** Everything was thinking: either it was cut off, or the model had opened no tag. */
  readonly neverClosed: boolean;
}

/**
 * Splits thinking from text by the tags around it, wherever they are cut. Tags count at the beginning of the
 * answer, and again right after a thinking part; in the middle of text they are text. Holds back no more than
 * might be a tag.
 */
export function createThinkTagSplitter({
  beginning = "text",
}: { beginning?: Beginning } = {}): ThinkTagSplitter {
  let state: "opening" | "thinking" | "held" | "text" =
    beginning === "thinking" ? "thinking" : beginning === "either" ? "held" : "opening";
  let closers = [SILENT_CLOSER];
  let buffer = "";
  let hasThought = beginning === "thinking";
  let isFreshThinking = beginning === "thinking";
  let hasText = false;
  let lastCharacter = "\n";
  let closedSilently = false;
  let neverClosed = false;

  function take(isLast: boolean): Piece[] {
    const pieces: Piece[] = [];
    while (buffer !== "" || isLast) {
      const before = state;
      const length = buffer.length;
      if (state === "opening") open(pieces, isLast);
      else if (state === "thinking") think(pieces, isLast);
      else if (state === "held") hold(pieces, isLast);
      else speak(pieces, isLast);
      if (state === before && buffer.length === length) break;
    }
    return pieces;
  }

  function open(pieces: Piece[], isLast: boolean): void {
    const text = buffer.trimStart();
    const tag = TAGS.find(([opener]) => text.startsWith(opener));
    if (tag) {
      closers = [tag[1]];
      buffer = text.slice(tag[0].length);
      isFreshThinking = true;
      state = "thinking";
      hasThought = true;
      return;
    }
    const filler = hasThought ? FILLERS.find((word) => text.startsWith(word)) : undefined;
    if (filler !== undefined) {
      buffer = text.slice(filler.length);
      return;
    }
    const candidates = hasThought ? [...OPENERS, ...FILLERS] : OPENERS;
    if (!isLast && candidates.some((word) => word.startsWith(text))) return;
    // Line breaks behind the thinking belong to the tag; without thinking, white space is the answer's own.
    if (hasThought) buffer = buffer.replace(/^\s*\n|^\s+$/, "");
    state = "text";
    if (isLast) speak(pieces, isLast);
  }

  function think(pieces: Piece[], isLast: boolean): void {
    if (isFreshThinking) buffer = buffer.trimStart();
    if (buffer !== "") isFreshThinking = false;
    const { at, tag } = findFirst(buffer, closers);
    if (tag !== undefined) {
      add(pieces, "thinking", buffer.slice(0, at).replace(/\s+$/, ""));
      buffer = buffer.slice(at + tag.length);
      state = "opening";
      return;
    }
    // White space in front of the closing tag belongs to it.
    const told = isLast ? buffer : withoutEnd(buffer, partAtEnd(buffer, closers)).trimEnd();
    add(pieces, "thinking", told);
    buffer = buffer.slice(told.length);
    if (isLast) neverClosed = true;
  }

  function hold(pieces: Piece[], isLast: boolean): void {
    const opened = buffer.trimStart();
    if (OPENERS.some((opener) => opened.startsWith(opener))) {
      state = "opening";
      return;
    }
    const { at, tag } = findFirst(buffer, closers);
    if (tag !== undefined) {
      add(pieces, "thinking", buffer.slice(0, at).trim());
      buffer = buffer.slice(at + tag.length);
      closedSilently = true;
      hasThought = true;
      state = "opening";
      return;
    }
    if (isLast || buffer.length > MAX_HELD) state = "text";
  }

  /** On a line of its own a closing tag that nobody opened shows that the template did; elsewhere it is text. */
  function speak(pieces: Piece[], isLast: boolean): void {
    const { at, tag } = hasThought ? NOT_FOUND : findFirst(buffer, [SILENT_CLOSER]);
    if (tag === undefined) {
      const kept = isLast || hasThought ? 0 : partAtEnd(buffer, [SILENT_CLOSER]);
      say(pieces, buffer.length - kept);
      return;
    }
    const next = buffer[at + tag.length];
    if (next === undefined && !isLast) {
      say(pieces, at);
      return;
    }
    if ((buffer[at - 1] ?? lastCharacter) !== "\n" || (next !== "\n" && next !== undefined)) {
      say(pieces, at + tag.length);
      return;
    }
    // What has left as text cannot be called back.
    if (hasText) say(pieces, at);
    else add(pieces, "thinking", buffer.slice(0, at).trim());
    buffer = hasText ? buffer.slice(tag.length) : buffer.slice(at + tag.length);
    closedSilently = true;
    hasThought = true;
    state = "opening";
  }

  function say(pieces: Piece[], length: number): void {
    const text = buffer.slice(0, length);
    add(pieces, "text", text);
    buffer = buffer.slice(length);
    lastCharacter = text.at(-1) ?? lastCharacter;
  }

  function add(pieces: Piece[], kind: Piece["kind"], text: string): void {
    if (text === "") return;
    if (kind === "text") hasText = true;
    pieces.push({ kind, text });
  }

  function spoken(text: string): Piece[] {
    if (text === "") return [];
    hasText = true;
    lastCharacter = text.at(-1) ?? lastCharacter;
    return [{ kind: "text", text }];
  }

  return {
    push(text) {
      // Nearly every token: nothing is held, and no tag can begin.
      if (state === "text" && buffer === "" && (hasThought || !text.includes("<")))
        return spoken(text);
      buffer += text;
      return take(false);
    },
    end: () => take(true),
    get closedSilently() {
      return closedSilently;
    },
    get neverClosed() {
      return neverClosed && !hasText;
    },
  };
}

interface Found {
  at: number;
  tag: string | undefined;
}

const NOT_FOUND: Found = { at: -1, tag: undefined };

function findFirst(text: string, tags: readonly string[]): Found {
  let first = NOT_FOUND;
  for (const tag of tags) {
    const at = text.indexOf(tag);
    if (at !== -1 && (first.tag === undefined || at < first.at)) first = { at, tag };
  }
  return first;
}

function withoutEnd(text: string, length: number): string {
  return text.slice(0, text.length - length);
}

/** How many characters at the end may be the beginning of a tag. */
function partAtEnd(text: string, tags: readonly string[]): number {
  let longest = 0;
  for (const tag of tags) {
    for (let length = Math.min(tag.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(tag.slice(0, length))) longest = length;
    }
  }
  return longest;
}

/** Models whose templates open the tag themselves, so that their answers may begin in the middle of it. */
export function beginningOf(modelId: string): Beginning {
  return /(^|[/:-])(deepseek-r1|r1-|qwq)|thinking/i.test(modelId) ? "either" : "text";
}
