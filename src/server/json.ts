import type * as z from "zod/mini";
import { BridgeError } from "../base/errors.ts";

/** Deeper nesting than any client sends, and far from where JSON.stringify overflows the stack. */
const MAX_DEPTH = 128;

/**
 * The first JSON value of a text, as Go decodes it: what follows the value is ignored.
 *
 * @throws BridgeError `invalid_request` in Go's words
 */
export function parseJson(text: string): unknown {
  checkDepth(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const position = Number(/after JSON at position (\d+)/.exec(message)?.[1] ?? NaN);
    if (position > 0) return JSON.parse(text.slice(0, position));
    throw new BridgeError("invalid_request", toGoMessage(text, message));
  }
}

/** V8 tells the offending character or its position; Go quotes the character. */
function toGoMessage(text: string, message: string): string {
  if (/end of JSON|Unterminated/.test(message)) return "unexpected EOF";
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? NaN);
  const token = /Unexpected token '(.)'/u.exec(message)?.[1] ?? text[position];
  if (token === undefined) return "unexpected EOF";
  return `invalid character ${quote(token)} looking for beginning of value`;
}

/** Go escapes the single quote that it quotes with, and leaves the double one alone. */
function quote(character: string): string {
  if (character === "'") return "'\\''";
  return character === '"' ? "'\"'" : `'${JSON.stringify(character).slice(1, -1)}'`;
}

function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (inString) {
      if (character === BACKSLASH) index++;
      else if (character === QUOTE) inString = false;
    } else if (character === QUOTE) inString = true;
    else if (character === OPEN_BRACE || character === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) {
        throw new BridgeError("invalid_request", `JSON nested deeper than ${MAX_DEPTH} levels`);
      }
    } else if (character === CLOSE_BRACE || character === CLOSE_BRACKET) depth--;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const GO_TYPES: Record<string, string> = {
  string: "string",
  number: "float64",
  boolean: "bool",
  array: "[]interface {}",
  object: "map[string]interface {}",
  record: "map[string]interface {}",
};

const THINK_TYPES =
  'think must be a boolean or string ("high", "medium", "low", "max", true, or false)';

/** The first mismatch as Go's decoder tells it: "json: cannot unmarshal string into Go struct field …". */
export function describeTypeMismatch(error: z.core.$ZodError, name: string): string {
  const issue = error.issues[0];
  if (issue === undefined) return "invalid request";
  const expected = issue.code === "invalid_type" ? issue.expected : "value";
  const type = GO_TYPES[expected] ?? expected;
  const fields = issue.path.filter((part) => typeof part === "string");
  const got = jsonTypeOf(issue.input);
  if (fields.length === 0) return `json: cannot unmarshal ${got} into Go value of type api.${name}`;
  if (fields[0] === "keep_alive") return `Unsupported type: '${got}'`;
  if (fields[0] === "think") return THINK_TYPES;
  return `json: cannot unmarshal ${got} into Go struct field ${name}.${fields.join(".")} of type ${type}`;
}

function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return typeof value === "boolean" ? "bool" : typeof value;
}
