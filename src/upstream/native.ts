import { BridgeError } from "../base/errors.ts";
import { failureFromEvent, failureFromException } from "./failure.ts";
import type { Watchdog } from "./watchdog.ts";

/** An object of a real Ollama's answer: a line of a stream, or all of it. */
export type NativeAnswer = Record<string, unknown>;

interface NativeOptions {
  provider: string;
  redact: (text: string) => string;
  watchdog: Watchdog;
}

/** Longest line, in characters: vectors of 512 inputs fit. */
const MAX_LINE = 64 * 1024 * 1024;

/**
 * The objects of an answer of Ollama's own, in the batches in which they arrive. Resolves with the first.
 *
 * @throws BridgeError for an answer that is none; after the first object, from the iteration
 */
export async function nativeAnswers(
  body: AsyncIterable<Uint8Array>,
  options: NativeOptions,
): Promise<AsyncIterable<NativeAnswer[]>> {
  const batches = read(body, options);
  const first = await batches.next();
  return (async function* () {
    try {
      if (!first.done) yield first.value;
      yield* batches;
    } finally {
      await batches.return(undefined);
    }
  })();
}

async function* read(
  body: AsyncIterable<Uint8Array>,
  { provider, redact, watchdog }: NativeOptions,
): AsyncGenerator<NativeAnswer[]> {
  const utf8 = new TextDecoder();
  let rest = "";
  try {
    for await (const bytes of body) {
      watchdog.alive();
      const lines = (rest + utf8.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE) {
        throw new BridgeError("upstream_failed", `${provider}: a line of the answer is too long`);
      }
      yield* answersIn(lines, { provider, redact });
    }
    yield* answersIn([rest + utf8.decode()], { provider, redact });
  } catch (error) {
    throw failureFromException(error, provider);
  } finally {
    watchdog.stop();
  }
}

/** In one batch, what comes before an error included. */
function* answersIn(
  lines: string[],
  options: Omit<NativeOptions, "watchdog">,
): Generator<NativeAnswer[]> {
  const answers: NativeAnswer[] = [];
  try {
    for (const line of lines) if (line.trim() !== "") answers.push(parse(line, options));
  } catch (error) {
    if (answers.length > 0) yield answers;
    throw error;
  }
  if (answers.length > 0) yield answers;
}

function parse(line: string, options: Omit<NativeOptions, "watchdog">): NativeAnswer {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BridgeError("upstream_failed", `${options.provider}: the answer is not Ollama's`);
  }
  if ("error" in value) throw failureFromEvent(value, options);
  return value as NativeAnswer;
}
