import { createFenceFilter } from "./fim-fence.ts";
import { createAnswerOpening } from "./fim-opening.ts";

export interface Unfence {
  push(text: string): string;
  end(): string;
}

/**
 * JSON out of the code fence, and the words around it, in which models put it when it was only asked for in words. An
 * answer without a fence comes out as it is.
 */
export function createUnfence(): Unfence {
  const opening = createAnswerOpening({ prefix: "" });
  const fence = createFenceFilter();
  const inside = (text: string) => (opening.isFenced ? fence.push(text) : text);
  return {
    push: (text) => inside(opening.push(text)),
    end: () => inside(opening.end()) + fence.end(),
  };
}
