import { createHash } from "node:crypto";

/** Nine letters and digits are a legal tool-call id everywhere, Mistral included. */
const LENGTH = 9;

/**
 * The id of a call: the one it has, if every provider takes it, or one made from the seed. Ids such as
 * Kimi's "functions.x:0" or "0" come again in every turn, so short ones are replaced.
 *
 * @param seed the same for the same call of the same conversation, so that providers' prompt caches hold
 */
export function toCallId(id: string, seed: string): string {
  return /^[A-Za-z0-9_-]{9,40}$/.test(id) ? id : hashedId(`${seed}/${id}`);
}

/** Nine letters and digits from any text. */
export function hashedId(text: string): string {
  const digest = createHash("sha256").update(text).digest("base64");
  return digest.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, LENGTH);
}

/** Whether Mistral and models of its make accept the id. */
export function isNineAlphanumeric(id: string): boolean {
  return /^[A-Za-z0-9]{9}$/.test(id);
}
