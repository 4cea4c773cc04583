import type { Clock } from "../base/clock.ts";
import { BridgeError } from "../base/errors.ts";
import type { Preset } from "../catalog/stored-models.ts";
import type { NativeAnswer } from "../upstream/native.ts";
import type { Exchange } from "./exchange.ts";
import type { PreparedTarget } from "./inference.ts";
import { createLineSource } from "./line-reply.ts";
import { json, ndjson } from "./reply.ts";

/** A request to a real Ollama's own route. */
export interface NativeRequest {
  model?: string | null | undefined;
  stream?: boolean | null | undefined;
  [field: string]: unknown;
}

/**
 * A request for a model of a real Ollama, as it came, and its answer: only the model's name is exchanged. Undefined for
 * every other provider.
 *
 * @throws BridgeError
 */
export function passThrough(
  path: string,
  request: NativeRequest,
  { target, exchange, clock }: { target: PreparedTarget; exchange: Exchange; clock: Clock },
): Promise<Response> | undefined {
  const { upstream, modelId, preset } = target;
  const { native } = upstream;
  if (!native) return undefined;
  const body = { ...withPreset(path, request, preset), model: modelId };
  return (async () => {
    const answers = await native(path, body, exchange);
    const passing = { answers, name: request.model ?? modelId, exchange, clock };
    const isStream = path in STREAMED && request.stream !== false;
    return isStream ? await streamed(passing, upstream.id) : await whole(passing, upstream.id);
  })();
}

const STREAMED: Record<string, true> = { "/api/chat": true, "/api/generate": true };

interface Passing {
  answers: AsyncIterable<NativeAnswer[]>;
  /** What the client calls the model. */
  name: string;
  exchange: Exchange;
  clock: Clock;
}

async function streamed(passing: Passing, provider: string): Promise<Response> {
  const { exchange } = passing;
  const lines = toLines(passing, provider);
  const first = await lines.next();
  const source = createLineSource(lines, {
    first: first.done ? [] : first.value,
    onEnd: (end) => {
      exchange.finish(200, end);
    },
  });
  return ndjson(source);
}

async function* toLines(
  { answers, name, exchange, clock }: Passing,
  provider: string,
): AsyncGenerator<string[]> {
  let isDone = false;
  let isFirst = true;
  for await (const batch of answers) {
    if (isFirst) exchange.measure({ firstTokenMs: clock.monotonic() - exchange.arrivedAt });
    isFirst = false;
    isDone ||= batch.some((answer) => answer["done"] === true);
    yield batch.map((answer) => `${JSON.stringify(renamed(answer, { name, exchange }))}\n`);
  }
  if (!isDone) throw brokenOff(provider);
}

async function whole({ answers, name, exchange }: Passing, provider: string): Promise<Response> {
  for await (const [answer] of answers) {
    if (answer) return json(renamed(answer, { name, exchange }));
  }
  throw brokenOff(provider);
}

function brokenOff(provider: string): BridgeError {
  const message = `${provider}: the provider closed the stream in the middle of the answer`;
  return new BridgeError("upstream_failed", message);
}

/** What the client called the model is what it gets back. */
function renamed(
  answer: NativeAnswer,
  { name, exchange }: Pick<Passing, "name" | "exchange">,
): NativeAnswer {
  const { prompt_eval_count: prompt, eval_count: completion } = answer;
  if (typeof prompt === "number") exchange.measure({ promptTokens: prompt });
  if (typeof completion === "number") exchange.measure({ completionTokens: completion });
  return "model" in answer ? { ...answer, model: name } : answer;
}

/** What a stored model or an alias adds, in Ollama's own fields; the request's own word wins. */
function withPreset(path: string, request: NativeRequest, preset: Preset = {}): NativeRequest {
  const { parameters, system, think, messages = [] } = preset;
  const own = (request["messages"] ?? []) as { role?: string }[];
  const said = [
    ...(system && own[0]?.role !== "system" ? [{ role: "system", content: system }] : []),
    ...messages,
    ...own,
  ];
  return {
    ...request,
    ...(parameters && { options: { ...parameters, ...(request["options"] as object | null) } }),
    ...(think !== undefined && { think: request["think"] ?? think }),
    ...(path === "/api/chat" && own.length > 0 && { messages: said }),
    ...(path === "/api/generate" && system && { system: request["system"] || system }),
  };
}
