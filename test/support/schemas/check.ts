import assert from "node:assert/strict";
import * as z from "zod";
import { error, NATIVE, type Schema } from "./native.ts";
import { V1, v1Error } from "./openai.ts";

export interface CheckedAnswer {
  /** Of the request, without query. */
  path: string;
  status: number;
  contentType: string;
  text: string;
}

/**
 * Holds an answer to its schema: each line of a stream, each event, or the one object. Routes without a schema and
 * plain texts pass.
 */
export function checkAnswer({ path, status, contentType, text }: CheckedAnswer): void {
  const isV1 = path.startsWith("/v1/");
  const route = path.startsWith("/v1/models/") ? "/v1/models/:id" : path;
  const schemas = NATIVE[route] ?? V1[route];
  const failure = isV1 ? v1Error : error;
  if (contentType.startsWith("application/json") && text !== "") {
    const isFailure = status >= 400;
    if (isFailure || schemas)
      check(JSON.parse(text), isFailure ? [failure] : (schemas?.whole ?? []));
    return;
  }
  if (!schemas) return;
  if (contentType.startsWith("application/x-ndjson")) checkLines(text, [...schemas.lines, failure]);
  if (contentType.startsWith("text/event-stream")) checkEvents(text, [...schemas.lines, failure]);
}

/** One is done or an error, and that is the last; no line is empty. */
function checkLines(text: string, schemas: Schema[]): void {
  assert.ok(text.endsWith("\n"), "the last line is whole");
  const lines = text.slice(0, -1).split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of parsed) check(line, schemas);
  const ends = parsed.filter((line) => line["done"] === true || "error" in line || isSuccess(line));
  assert.equal(ends.length, 1, "one line ends the stream");
  assert.equal(ends[0], parsed.at(-1), "the last line ends the stream");
}

function isSuccess({ status }: Record<string, unknown>): boolean {
  return status === "success";
}

function checkEvents(text: string, schemas: Schema[]): void {
  const events = text.split("\n\n");
  assert.equal(events.pop(), "", "the last event is whole");
  for (const event of events) assert.match(event, /^data: /);
  const data = events.map((event) => event.slice("data: ".length));
  const isDone = data.at(-1) === "[DONE]";
  const chunks = data.filter((one) => one !== "[DONE]").map((one) => JSON.parse(one) as object);
  for (const chunk of chunks) check(chunk, schemas);
  const failures = chunks.filter((chunk) => "error" in chunk);
  assert.equal(isDone, failures.length === 0, "a clean end or an error, and never both");
}

const compiled = new Map<Schema, z.ZodType>();

function check(value: unknown, schemas: Schema[]): void {
  const problems = schemas.map((schema) => {
    const known = compiled.get(schema) ?? z.fromJSONSchema(schema);
    compiled.set(schema, known);
    const result = known.safeParse(value);
    return result.success ? undefined : z.prettifyError(result.error);
  });
  if (problems.some((problem) => problem === undefined)) return;
  assert.fail(`${JSON.stringify(value)} fits no schema:\n${problems.join("\n--\n")}`);
}
