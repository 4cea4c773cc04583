import { BridgeError } from "../base/errors.ts";
import { createTimestamps, type Clock } from "../base/clock.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Target } from "../catalog/lookup.ts";
import type { LoadedModels } from "../catalog/loaded-models.ts";
import type { Ability } from "../catalog/model-card.ts";
import type { Preset } from "../catalog/stored-models.ts";
import { withQuirks, type Dialect } from "../protocol/dialect.ts";
import { NO_ANSWER, type AnswerForm } from "../translate/answer-form.ts";
import type { ChatCall } from "../translate/chat-call.ts";
import { toKeepAlive } from "../translate/keep-alive.ts";
import type { AnswerCache } from "./answer-cache.ts";
import type { Exchange } from "./exchange.ts";
import { firstToAnswer } from "./fallback.ts";
import type { Habits, HabitsOf } from "./habits.ts";
import { jsonText } from "./reply.ts";
import type { TurnMemory } from "./turn-memory.ts";

export interface InferenceOptions {
  catalog: Catalog;
  loaded: LoadedModels;
  turnMemory: TurnMemory;
  habitsOf: HabitsOf;
  cache: AnswerCache;
  clock: Clock;
  maxBodyBytes: number;
}

export interface PreparedTarget extends Target {
  dialect: Dialect;
  habits: Habits;
  turnMemory: TurnMemory;
}

export interface Prepared {
  /** The model, and those that are asked when it fails; each with what the alias or the stored model adds. */
  targets: PreparedTarget[];
  /** What every request to it gets. */
  preset: Preset | undefined;
  /** The answer to a request without words: one object, even where a stream was asked for, and no call. */
  loadReply(form: AnswerForm): Response;
  /**
   * The first answer of the chain.
   *
   * @throws BridgeError
   */
  answer(attempt: (target: PreparedTarget) => Promise<Response>): Promise<Response>;
}

export interface Preparation extends InferenceOptions {
  exchange: Exchange;
  keepAlive?: number | string | null | undefined;
}

/** What all kinds of inference have in common before they differ: which model, how it is spoken to, how long it stays. */
export async function prepare(model: string, options: Preparation): Promise<Prepared> {
  const { exchange, catalog, loaded, habitsOf, turnMemory, clock } = options;
  exchange.note({ model });
  const keepAlive = toKeepAlive(options.keepAlive);
  const { fallbacks = [], ...first } = await catalog.resolve(model);
  if (first.card) loaded.touch(first.card, keepAlive);
  const targets = [first, ...fallbacks].map((target): PreparedTarget => {
    const { upstream, modelId, card } = target;
    const habits = habitsOf(upstream.id, modelId);
    const dialect = withQuirks(upstream.dialect(modelId, card?.ownedBy), habits.learned);
    return { ...target, dialect, habits, turnMemory };
  });
  return {
    targets,
    preset: first.preset,
    answer: (attempt) => firstToAnswer(targets, attempt, { exchange, catalog }),
    loadReply(form) {
      const doneReason = keepAlive === 0 ? "unload" : "load";
      return jsonText(form.whole(NO_ANSWER, { createdAt: createTimestamps(clock)(), doneReason }));
    },
  };
}

/**
 * What the model is known to lack is refused in words, before anything is sent.
 *
 * @param model as the client wrote it
 * @throws BridgeError `invalid_request`
 */
export function requireAbilities(
  call: ChatCall,
  model: string,
  { target: { card }, route }: { target: PreparedTarget; route: "chat" | "generate" },
): void {
  if (!card) return;
  const lacks = (ability: Ability) => card.lacks.includes(ability);
  const refuse = (what: string) => {
    throw new BridgeError("invalid_request", `${JSON.stringify(model)} does not support ${what}`);
  };
  if (!card.capabilities.includes("completion")) refuse(route);
  if (call.think !== undefined && call.think !== false && lacks("thinking")) refuse("thinking");
  if (call.tools.length > 0 && lacks("tools")) refuse("tools");
  const hasImages = call.messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type === "image_url"),
  );
  if (hasImages && lacks("vision")) refuse("images. Choose a model with the capability vision");
}
