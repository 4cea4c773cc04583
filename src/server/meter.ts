import type { Clock } from "../base/clock.ts";
import type * as ollama from "../protocol/ollama.ts";
import type { Ending } from "../translate/answer-form.ts";
import type { Finished } from "../translate/outcome.ts";
import type { Exchange } from "./exchange.ts";

export interface Meter {
  /** Something of the answer has arrived; the first time counts. */
  text(): void;
  /** What the provider has counted. */
  count(outcome: Finished): void;
  end(outcome: Finished, createdAt: string): Ending;
  /** Until now, in nanoseconds. */
  durations(): Pick<ollama.Metrics, "total_duration" | "load_duration">;
}

/**
 * Measures what Ollama reports: until the call was under way, until the first text, from there to the end.
 * In an answer of one piece reading and writing cannot be told apart; the time counts as writing.
 */
export function createMeter({ exchange, clock }: { exchange: Exchange; clock: Clock }): Meter {
  const sentAt = clock.monotonic();
  let firstTextAt: number | undefined;
  const durations = () => ({
    total_duration: toNanoseconds(clock.monotonic() - exchange.arrivedAt),
    load_duration: toNanoseconds(sentAt - exchange.arrivedAt),
  });
  const count = ({ promptTokens, completionTokens, cachedTokens }: Finished) => {
    exchange.measure({ promptTokens, completionTokens, cachedTokens });
  };
  return {
    durations,
    count,
    text() {
      if (firstTextAt !== undefined) return;
      firstTextAt = clock.monotonic();
      exchange.measure({ firstTokenMs: firstTextAt - exchange.arrivedAt });
    },
    end(outcome, createdAt) {
      count(outcome);
      const { promptTokens, completionTokens, doneReason } = outcome;
      const now = clock.monotonic();
      const metrics: ollama.Metrics = {
        ...durations(),
        ...(promptTokens !== undefined && { prompt_eval_count: promptTokens }),
        prompt_eval_duration: toNanoseconds((firstTextAt ?? sentAt) - sentAt),
        ...(completionTokens !== undefined && { eval_count: completionTokens }),
        eval_duration: toNanoseconds(now - (firstTextAt ?? sentAt)),
      };
      return { createdAt, doneReason, metrics };
    },
  };
}

/** At least 1: clients divide by it. */
function toNanoseconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds * 1e6));
}
