import { globs } from "./globs.ts";
import type { ModelCard } from "./model-card.ts";
import { qualifiedName } from "./names.ts";

/** Whether a model is listed, by the user's globs. What is not listed still answers to its name. */
export type IsShown = (card: ModelCard) => boolean;

/** `favorites` are all that is listed, if there are any; `hidden` are not listed. */
export function createIsShown({
  favorites,
  hidden,
}: {
  favorites: string[];
  hidden: string[];
}): IsShown {
  const isFavorite = globs(favorites);
  const isHidden = globs(hidden);
  return ({ name, id, provider }) => {
    const spellings = [name, id, qualifiedName(provider, id)];
    return (favorites.length === 0 || spellings.some(isFavorite)) && !spellings.some(isHidden);
  };
}
