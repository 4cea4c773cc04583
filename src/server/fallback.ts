import { BridgeError } from "../base/errors.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Target } from "../catalog/lookup.ts";
import type { Exchange } from "./exchange.ts";

/** Not another model's to mend: the bridge goes down, or its own code is wrong. */
const FINAL = new Set(["stopping", "internal", "invalid_option"]);

/**
 * The first answer of a chain of models: the next is asked when one fails before its first byte. How far a prompt was too
 * long is remembered.
 *
 * @throws BridgeError the only model's failure, or one that tells of all
 */
export async function firstToAnswer<T extends Target, Answer>(
  targets: readonly T[],
  attempt: (target: T) => Promise<Answer>,
  { exchange, catalog }: { exchange: Exchange; catalog: Catalog },
): Promise<Answer> {
  const failures: BridgeError[] = [];
  for (const [index, target] of targets.entries()) {
    const { upstream, modelId: model, card } = target;
    exchange.note({ provider: upstream.id, ...(index > 0 && { attempt: index + 1 }) });
    exchange.measure({ provider: upstream.id, model, price: card?.price });
    try {
      return await attempt(target);
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      if (error.overflow?.limit !== undefined) catalog.learnContext(target, error.overflow.limit);
      if (exchange.signal.aborted || FINAL.has(error.code)) throw error;
      failures.push(error);
      if (index < targets.length - 1) {
        const facts = { provider: upstream.id, model, error: error.message };
        exchange.log.warn("the next model of the alias is asked", facts);
      }
    }
  }
  throw allOf(failures);
}

function allOf(failures: BridgeError[]): BridgeError {
  const [first, ...others] = failures;
  if (first && others.length === 0) return first;
  const messages = failures.map(({ message }) => message).join(" | ");
  return new BridgeError(first?.code ?? "internal", `No model of the alias answered. ${messages}`, {
    cause: first,
    upstreamStatus: first?.upstreamStatus,
    retryAfter: first?.retryAfter,
  });
}
