export type ParsedArguments =
  | {
      kind: "objects";
      /** One, or one for each of several objects that the model glued together. */
      objects: Record<string, unknown>[];
    }
  | { kind: "broken"; reason: string };

/**
 * The arguments of a finished tool call. Nothing is `{}`; JSON inside a JSON string is read once more.
 * Code fences, trailing commas and closing brackets are mended when the model said that it was done, but a
 * value that may be cut is never guessed.
 */
export function parseArguments(text: string, { cutOff }: { cutOff: boolean }): ParsedArguments {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed === "null") return { kind: "objects", objects: [{}] };
  const value = parse(trimmed);
  if (value === undefined) return cutOff ? CUT : mend(trimmed);
  const inner = typeof value === "string" ? parse(value.trim()) : value;
  if (isObject(inner)) return { kind: "objects", objects: [inner] };
  return { kind: "broken", reason: "has arguments that are not a JSON object" };
}

const CUT: ParsedArguments = { kind: "broken", reason: "was cut off (length)" };

function mend(text: string): ParsedArguments {
  const glued = splitGlued(text);
  if (glued) return { kind: "objects", objects: glued };
  const unfenced = text.replace(/^```\w*\s*|\s*```$/g, "");
  const closers = missingClosers(unfenced);
  const whole =
    closers === undefined ? undefined : parse(withoutTrailingCommas(unfenced + closers));
  if (isObject(whole)) return { kind: "objects", objects: [whole] };
  return { kind: "broken", reason: "has arguments that are not JSON" };
}

/** `{…}{…}`: OpenAI's models sometimes write two parallel calls into one. Only if each is an object. */
function splitGlued(text: string): Record<string, unknown>[] | undefined {
  const objects: Record<string, unknown>[] = [];
  let start = 0;
  for (const end of endsOfValues(text)) {
    const value = parse(text.slice(start, end));
    if (!isObject(value)) return undefined;
    objects.push(value);
    start = end;
  }
  return objects.length > 1 && text.slice(start).trim() === "" ? objects : undefined;
}

function endsOfValues(text: string): number[] {
  const ends: number[] = [];
  walk(text, ({ depth, index, closes }) => {
    if (closes && depth === 0) ends.push(index + 1);
  });
  return ends;
}

/** The brackets that are open at the end, closed; undefined when a string is open. */
function missingClosers(text: string): string | undefined {
  const open: string[] = [];
  const inString = walk(text, ({ character, closes }) => {
    if (closes) open.pop();
    else open.push(character === "{" ? "}" : "]");
  });
  return inString ? undefined : open.reverse().join("");
}

interface Bracket {
  character: string;
  index: number;
  /** Open brackets behind it. */
  depth: number;
  closes: boolean;
}

/** Visits the brackets outside of strings; tells whether a string is open at the end. */
function walk(text: string, visit: (bracket: Bracket) => void): boolean {
  let inString = false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? "";
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") {
      visit({ character, index, depth: ++depth, closes: false });
    } else if (character === "}" || character === "]") {
      visit({ character, index, depth: --depth, closes: true });
    }
  }
  return inString;
}

/** Outside of strings: a string is matched whole, so that its commas stay. */
function withoutTrailingCommas(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/g, (found) => (found === "," ? "" : found));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
