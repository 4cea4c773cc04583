import assert from "node:assert/strict";

/** The conversation that most tests have. */
export const HELLO = { model: "gpt-test", messages: [{ role: "user", content: "Hello" }] };

/** `POST` of JSON as Ollama's clients send it. */
export async function post(
  url: string,
  body: unknown,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Response> {
  return await fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

export interface Line {
  model?: string;
  message?: { role: string; content: string };
  response?: string;
  done?: boolean;
  done_reason?: string;
  error?: string;
  [field: string]: unknown;
}

export function parseLines(text: string): Line[] {
  assert.ok(text === "" || text.endsWith("\n"), `the last line is whole: ${text.slice(-100)}`);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

export function textOf(lines: Line[]): string {
  return lines.map(({ message, response }) => message?.content ?? response ?? "").join("");
}

export async function errorOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: unknown };
  assert.equal(typeof error, "string");
  return error as string;
}

/** Reads a streamed answer line by line, only as fast as it is asked to. */
export async function* readLines(response: Response): AsyncGenerator<Line> {
  let rest = "";
  const decoder = new TextDecoder();
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const bytes of body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as Line;
  }
  assert.equal(rest, "", "the last line is whole");
}
