import { createFenceFilter } from "./fim-fence.ts";
import { createAnswerOpening } from "./fim-opening.ts";
import type { Hole } from "./fim-templates.ts";
import { leakedTokens } from "./fim-tokens.ts";
import { createOverlapFilter } from "./fim-overlap.ts";
import { createStopFilter } from "./stop-strings.ts";

export interface HoleFilter {
  /** What surely fills the hole. */
  push(text: string): string;
  /** What was held back and does, too. */
  end(): string;
  /** The fill is complete: a stop string, a closing fence or the text behind the hole was met. */
  readonly isDone: boolean;
}

/**
 * Takes from an answer what fills the hole, while it streams: without a code fence and words around it,
 * without a repetition of the text before the hole, and cut where the text behind it, a stop string or a
 * leaked token begins. A fill that has none of these comes out as it is, leading white space included.
 */
export function createHoleFilter(hole: Hole, { stops }: { stops: string[] }): HoleFilter {
  const opening = createAnswerOpening(hole);
  const stop = createStopFilter([...stops, ...leakedTokens(hole.template)]);
  const overlap = createOverlapFilter(hole);
  const fence = createFenceFilter();

  function pass(text: string): string {
    return overlap.push(stop.push(opening.isFenced ? fence.push(text) : text));
  }

  function isOver(): boolean {
    return stop.isStopped || overlap.isReached || fence.isStopped;
  }

  return {
    push: (text) => (isOver() ? "" : pass(opening.push(text))),
    end() {
      const last = isOver() ? "" : pass(opening.end());
      const held = overlap.push(stop.push(fence.end()));
      return last + held + overlap.push(stop.end()) + overlap.end();
    },
    get isDone() {
      return isOver();
    },
  };
}
