import { FILE_TOKENS, REPOSITORY_TOKENS, SEPARATOR_TOKEN } from "./fim-tokens.ts";

/** Another file, or free text, in front of a hole. */
export interface Surroundings {
  path?: string;
  text: string;
}

interface Decorated {
  context: Surroundings[];
  /** The file with the hole. */
  path?: string;
  /** What is not decoration. */
  rest: string;
}

const MARKS = [...FILE_TOKENS, ...REPOSITORY_TOKENS, SEPARATOR_TOKEN];

/** What stands in front of the hole's own tokens: everything is context. */
export function readContext(text: string): Omit<Decorated, "rest"> {
  const { context, path, rest } = readDecorated(text);
  if (rest.trim() === "") return { context, ...(path !== undefined && { path }) };
  return { context: [...context, { ...(path !== undefined && { path }), text: rest }] };
}

/**
 * Takes other files off the front of a prompt: those of Qwen, CodeGemma and StarCoder by their tokens, those of
 * Codestral by lines `+++++ path`. The last of them is the file with the hole.
 */
export function readDecorated(text: string): Decorated {
  const isCodestral = /^\+{5} .*$/m.test(text) && text.trimStart().startsWith("+++++ ");
  const parts = isCodestral ? splitByLines(text) : splitByTokens(text);
  const last = parts.pop();
  const context = parts.filter(({ text: words }) => words.trim() !== "");
  return { context, rest: last?.text ?? "", ...(last?.path !== undefined && { path: last.path }) };
}

function splitByLines(text: string): Surroundings[] {
  return text
    .split(/^\+{5} /m)
    .slice(1)
    .map(withPath);
}

function splitByTokens(text: string): Surroundings[] {
  const parts: Surroundings[] = [];
  let rest = text;
  let mark = "";
  for (;;) {
    const next = firstMark(rest);
    const part = next ? rest.slice(0, next.at) : rest;
    parts.push(toPart(part, mark));
    if (!next) return parts;
    mark = next.mark;
    rest = rest.slice(next.at + mark.length);
  }
}

/** The name of a repository is a line of its own, and no text of any file. */
function toPart(part: string, mark: string): Surroundings {
  if (FILE_TOKENS.includes(mark)) return withPath(part);
  if (REPOSITORY_TOKENS.includes(mark)) return { text: part.replace(/^.*\n?/, "") };
  return { text: part };
}

function withPath(part: string): Surroundings {
  const end = part.indexOf("\n");
  if (end === -1) return { path: part.trim(), text: "" };
  return { path: part.slice(0, end).trim(), text: part.slice(end + 1) };
}

function firstMark(text: string): { at: number; mark: string } | undefined {
  let first: { at: number; mark: string } | undefined;
  for (const mark of MARKS) {
    const at = text.indexOf(mark);
    if (at !== -1 && (first === undefined || at < first.at)) first = { at, mark };
  }
  return first;
}
