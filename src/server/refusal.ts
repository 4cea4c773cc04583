import { BridgeError } from "../base/errors.ts";

/** How providers say that they do not have a route, or not a field of it. */
const STATUSES = new Set([400, 404, 405, 415, 422, 501]);

/** Whether another way may be tried: not for a wrong key, an empty account or a busy provider. */
export function isRefusal(error: unknown): boolean {
  return error instanceof BridgeError && STATUSES.has(error.upstreamStatus ?? 0);
}
