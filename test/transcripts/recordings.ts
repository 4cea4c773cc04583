import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Answers of real providers, recorded by other projects. They do not travel with this one. */
export const RECORDINGS =
  process.env["LLAMA_BRIDGE_TRANSCRIPTS"] ??
  join(import.meta.dirname, "../../../shared/transcripts");

export interface Recording {
  name: string;
  kind: "stream" | "whole" | "error";
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What a recording says of itself beside the file. */
interface Sidecar {
  status?: number;
  headers?: Record<string, string>;
}

export function readRecordings(): Recording[] {
  if (!existsSync(RECORDINGS)) return [];
  return readdirSync(RECORDINGS, { recursive: true, encoding: "utf8" })
    .filter((file) => /\/(stream|json|error)-[^/]*\.(sse|chunks\.txt|json)$/.test(file))
    .filter((file) => !file.endsWith(".meta.json"))
    .sort()
    .map(readRecording);
}

function readRecording(file: string): Recording {
  const path = join(RECORDINGS, file);
  const sidecar = path.replace(/\.(sse|chunks\.txt|json)$/, ".meta.json");
  const { status = statusIn(file), headers = {} } = existsSync(sidecar)
    ? (JSON.parse(readFileSync(sidecar, "utf8")) as Sidecar)
    : {};
  const bytes = readFileSync(path);
  const name = relative(RECORDINGS, path);
  const kind = /\/error-/.test(file) ? "error" : /\/stream-/.test(file) ? "stream" : "whole";
  const { "content-type": type = "text/event-stream", "retry-after": after } = headers;
  return {
    name,
    kind,
    status,
    headers: { "content-type": type, ...(after !== undefined && { "retry-after": after }) },
    body: file.endsWith(".chunks.txt") ? framed(bytes.toString()) : bytes,
  };
}

/** `.chunks.txt` files have lost their framing: a line is an event. */
function framed(text: string): Buffer {
  const events = [...text.split("\n").filter((line) => line.trim() !== ""), "[DONE]"];
  return Buffer.from(events.map((data) => `data: ${data}\n\n`).join(""));
}

function statusIn(file: string): number {
  return Number(/error-(\d{3})/.exec(file)?.[1] ?? 200);
}
