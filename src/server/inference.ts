import { BridgeError } from "../base/errors.ts";
import { createTimestamps, type Clock } from "../base/clock.ts";
import type { Catalog, Target } from "../catalog/catalog.ts";
import type { LoadedModels } from "../catalog/loaded-models.ts";
import type * as ollama from "../protocol/ollama.ts";
import type { AnswerForm } from "../translate/answer-form.ts";
import { toKeepAlive } from "../translate/keep-alive.ts";
import { wantsThinking } from "../translate/think.ts";
import type { Exchange } from "./exchange.ts";
import { jsonText } from "./reply.ts";

export interface InferenceOptions {
  catalog: Catalog;
  loaded: LoadedModels;
  clock: Clock;
  maxBodyBytes: number;
}

export interface PreparedTarget extends Target {
  /** The answer to a request without words: one object, even where a stream was asked for, and no call. */
  loadReply(form: AnswerForm): Response;
}

/** What chat and generate have in common before they differ: which model, whether it can, how long it stays. */
export async function prepare(
  model: string,
  { keep_alive, think }: Pick<ollama.ChatRequest, "keep_alive" | "think">,
  { exchange, catalog, loaded, clock }: InferenceOptions & { exchange: Exchange },
): Promise<PreparedTarget> {
  exchange.note({ model });
  const keepAlive = toKeepAlive(keep_alive);
  const thinking = wantsThinking(think);
  const target = await catalog.resolve(model);
  exchange.note({ provider: target.upstream.id });
  if (thinking) {
    throw new BridgeError("invalid_request", `${JSON.stringify(model)} does not support thinking`);
  }
  if (target.card) loaded.touch(target.card, keepAlive);
  return {
    ...target,
    loadReply(form) {
      const doneReason = keepAlive === 0 ? "unload" : "load";
      return jsonText(form.whole("", { createdAt: createTimestamps(clock)(), doneReason }));
    },
  };
}
