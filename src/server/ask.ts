import { joinQuirks, withQuirks, type Dialect } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import { withOwnNames } from "../translate/tool-names.ts";
import { learnFrom } from "../upstream/learning.ts";
import { answer, type AnswerWriter } from "./answer.ts";
import type { AnswerCache } from "./answer-cache.ts";
import type { Exchange } from "./exchange.ts";
import type { PreparedTarget } from "./inference.ts";

/** What goes to the provider, and what its answer is read with. */
export type Asked = {
  writer: AnswerWriter;
  /** Stop strings that the bridge itself enforces. */
  stops: readonly string[];
  /** The client's names of functions by the provider's. */
  ownNames?: ReadonlyMap<string, string>;
} & (
  | { kind: "chat"; request: openai.ChatRequest }
  | {
      kind: "completion";
      route: openai.CompletionRoute;
      request: openai.CompletionRequest | openai.InfillRequest;
    }
);

export interface AskOptions {
  target: PreparedTarget;
  exchange: Exchange;
  cache: AnswerCache;
  /** Whether the client wants a stream. */
  stream: boolean;
  /** The same request is meant to have the same answer. */
  isRepeatable: boolean;
}

/**
 * Puts a question to the provider and gives its answer. What the provider refuses of it by name is left out or said
 * otherwise, once; when that helped it is remembered for the model.
 *
 * @param toAsked the question in a dialect
 */
export async function ask(
  toAsked: (dialect: Dialect) => Asked,
  options: AskOptions,
): Promise<Response> {
  const { habits, dialect, upstream, modelId } = options.target;
  const asked = toAsked(dialect);
  try {
    return await put(asked, options);
  } catch (error) {
    const learned = learnFrom(error, { request: asked.request, dialect });
    if (!learned) throw error;
    const facts = { provider: upstream.id, model: modelId, learned: JSON.stringify(learned) };
    options.exchange.log.info("asked again without what was refused", facts);
    const response = await put(toAsked(withQuirks(dialect, learned)), options);
    habits.learned = joinQuirks(habits.learned, learned);
    return response;
  }
}

async function put(asked: Asked, options: AskOptions): Promise<Response> {
  const { target, exchange, cache, stream, isRepeatable } = options;
  const { upstream } = target;
  const send = (signal: AbortSignal) =>
    asked.kind === "chat"
      ? upstream.chat(asked.request, { signal, log: exchange.log })
      : upstream.complete(asked.route, asked.request, { signal, log: exchange.log });
  const { writer, ownNames = NO_NAMES } = asked;
  if (!cache.keeps(isRepeatable)) {
    const events = renamed(await send(exchange.signal), ownNames);
    return await answer({ events, writer }, { exchange, stream });
  }
  const question = {
    provider: upstream.id,
    route: asked.kind === "chat" ? "chat" : asked.route,
    request: asked.request,
    stops: asked.stops,
  };
  const { events, state, keep } = await cache.answer(question, send, exchange.signal);
  const isCached = state !== "miss";
  exchange.headers.set("x-llama-bridge-cache", isCached ? "hit" : "miss");
  exchange.note({ cache: state });
  exchange.measure({ isCached });
  return await answer(
    { events: renamed(events, ownNames), writer, onWhole: keep },
    { exchange, stream },
  );
}

const NO_NAMES: ReadonlyMap<string, string> = new Map();

function renamed(
  batches: AsyncIterable<openai.ChatEvent[]>,
  back: ReadonlyMap<string, string>,
): AsyncIterable<openai.ChatEvent[]> {
  if (back.size === 0) return batches;
  return (async function* () {
    for await (const batch of batches) yield withOwnNames(batch, back);
  })();
}
