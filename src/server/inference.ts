import { BridgeError } from "../base/errors.ts";
import { createTimestamps, type Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Catalog, Target } from "../catalog/catalog.ts";
import type { LoadedModels } from "../catalog/loaded-models.ts";
import type { Ability } from "../catalog/model-card.ts";
import type { Dialect } from "../protocol/dialect.ts";
import { NO_ANSWER, type AnswerForm } from "../translate/answer-form.ts";
import type { ChatCall } from "../translate/chat-call.ts";
import { toKeepAlive } from "../translate/keep-alive.ts";
import type { Exchange } from "./exchange.ts";
import type { Habits, HabitsOf } from "./habits.ts";
import { jsonText } from "./reply.ts";
import type { TurnMemory } from "./turn-memory.ts";

export interface InferenceOptions {
  catalog: Catalog;
  loaded: LoadedModels;
  turnMemory: TurnMemory;
  habitsOf: HabitsOf;
  clock: Clock;
  log: Log;
  maxBodyBytes: number;
}

export interface PreparedTarget extends Target {
  dialect: Dialect;
  habits: Habits;
  turnMemory: TurnMemory;
  /** The answer to a request without words: one object, even where a stream was asked for, and no call. */
  loadReply(form: AnswerForm): Response;
}

export interface Preparation extends InferenceOptions {
  exchange: Exchange;
  keepAlive?: number | string | null | undefined;
}

/** What all kinds of inference have in common before they differ: which model, how it is spoken to, how long it stays. */
export async function prepare(model: string, options: Preparation): Promise<PreparedTarget> {
  const { exchange, catalog, loaded, habitsOf, turnMemory, clock } = options;
  exchange.note({ model });
  const keepAlive = toKeepAlive(options.keepAlive);
  const target = await catalog.resolve(model);
  const { upstream, modelId, card } = target;
  exchange.note({ provider: upstream.id });
  if (card) loaded.touch(card, keepAlive);
  return {
    ...target,
    dialect: upstream.dialect(modelId, card?.ownedBy),
    habits: habitsOf(upstream.id, modelId),
    turnMemory,
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
