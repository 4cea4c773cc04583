import { deflateRawSync, inflateRawSync } from "node:zlib";

/** One turn of a conversation that `/api/generate` continues. */
export interface Turn {
  role: "system" | "user" | "assistant";
  content: string;
}

/** The first integer: ours, version 1. No vocabulary is this large, so it is no other server's token. */
const MARK = 0x4c_42_01;

/** Turns longer than this, in characters, lose their oldest ones. */
const MAX_CHARS = 256 * 1024;

/** Most integers accepted; each carries three bytes. */
const MAX_LENGTH = 1024 * 1024;

/** Most bytes that they may unpack to: four for each character, and some for the JSON around them. */
const MAX_BYTES = 8 * MAX_CHARS;

/**
 * A conversation as the integers of `context`. Ollama's are tokens; clients only send them back, so ours
 * carry the words themselves: a mark, the number of bytes, and the compressed JSON, three bytes in each.
 */
export function toContext(turns: Turn[]): number[] {
  const bytes = deflateRawSync(
    JSON.stringify(newest(turns).map(({ role, content }) => [role, content])),
  );
  const context = [MARK, bytes.length];
  for (let index = 0; index < bytes.length; index += 3) {
    context.push(
      ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0),
    );
  }
  return context;
}

/** The conversation that `toContext` wrote; undefined for another server's tokens, or broken ones. */
export function fromContext(context: readonly number[]): Turn[] | undefined {
  const [mark, length = 0, ...words] = context.length <= MAX_LENGTH ? context : [];
  if (mark !== MARK || words.length !== Math.ceil(length / 3)) return undefined;
  const bytes = Buffer.from(words.flatMap((word) => [word >> 16, word >> 8, word])).subarray(
    0,
    length,
  );
  try {
    const json = inflateRawSync(bytes, { maxOutputLength: MAX_BYTES }).toString();
    const turns = JSON.parse(json) as unknown;
    return Array.isArray(turns) && turns.every(isTurn)
      ? turns.map(([role, content]) => ({ role, content }))
      : undefined;
  } catch {
    return undefined;
  }
}

/** The system prompt, and of the rest as many turns as fit, from the end. */
function newest(turns: Turn[]): Turn[] {
  const system = turns.filter(({ role }) => role === "system");
  let left = MAX_CHARS;
  const kept = turns
    .filter(({ role }) => role !== "system")
    .reverse()
    .filter(({ content }) => (left -= content.length) >= 0)
    .reverse();
  return [...system, ...kept];
}

function isTurn(value: unknown): value is [Turn["role"], string] {
  return (
    Array.isArray(value) &&
    ["system", "user", "assistant"].includes(value[0] as string) &&
    typeof value[1] === "string"
  );
}
