import { BridgeError } from "../base/errors.ts";
import { isRefusal } from "./refusal.ts";

/** Fields of an embedding call that not every provider takes, and that the bridge can do without. */
export const WISHES = ["dimensions", "encoding_format"] as const;

export type Wish = (typeof WISHES)[number];

const NAMES: Record<Wish, RegExp> = {
  // vLLM calls a model that has only one length one without matryoshka representation.
  dimensions: /dimension|matryoshka/i,
  // FastAPI servers list what they take instead of naming the field.
  encoding_format: /encoding|base64/i,
};

/** A field is refused that is not named. */
const UNNAMED =
  /extra_forbidden|extra inputs|(unknown|unrecogni[sz]ed|unexpected|unsupported) \w+/i;

/** Those of the wishes that a provider refuses: the named ones, all where it names none. */
export function refusedWishes(error: unknown, wishes: Wish[]): Wish[] {
  if (!(error instanceof BridgeError) || !isRefusal(error)) return [];
  const named = wishes.filter((wish) => NAMES[wish].test(error.message));
  if (named.length > 0) return named;
  return UNNAMED.test(error.message) ? wishes : [];
}
