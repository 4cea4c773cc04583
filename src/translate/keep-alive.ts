import { BridgeError } from "../base/errors.ts";
import { parseDuration } from "../protocol/duration.ts";

/** Ollama's default, five minutes, in seconds. */
const DEFAULT_KEEP_ALIVE = 300;

/**
 * Seconds for which a model counts as loaded after a request: 0 unloads it, Infinity keeps it.
 *
 * @throws BridgeError `invalid_request` in Go's words for a duration that is not one
 */
export function toKeepAlive(keepAlive: number | string | null | undefined): number {
  if (keepAlive === undefined || keepAlive === null) return DEFAULT_KEEP_ALIVE;
  const seconds = typeof keepAlive === "number" ? keepAlive : parseDuration(keepAlive);
  if (typeof seconds === "object") throw new BridgeError("invalid_request", seconds.error);
  return seconds < 0 ? Infinity : seconds;
}
