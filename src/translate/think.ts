import { BridgeError } from "../base/errors.ts";

const LEVELS = ["high", "medium", "low", "max"];

/**
 * Whether the caller wants thinking.
 *
 * @throws BridgeError `invalid_request` in Ollama's words for a value that is neither a boolean nor a level
 */
export function wantsThinking(think: boolean | string | null | undefined): boolean {
  if (think === undefined || think === null) return false;
  if (typeof think === "boolean") return think;
  if (LEVELS.includes(think)) return true;
  throw new BridgeError(
    "invalid_request",
    `invalid think value: ${JSON.stringify(think)} (must be "high", "medium", "low", "max", true, or false)`,
  );
}
