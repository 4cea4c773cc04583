import { BridgeError } from "../../base/errors.ts";
import { json } from "../reply.ts";

/*
 * What Ollama does with its own registry, cloud and accounts. There is none behind the bridge: each answer says so,
 * in the words by which clients recognise it.
 */

/** `POST /api/push`. */
export function push(): Response {
  throw new BridgeError(
    "invalid_request",
    "push is not supported: models run at their providers, there is no registry to push to",
  );
}

/** `POST|HEAD /api/blobs/:digest`. */
export function blob(): Response {
  throw new BridgeError(
    "not_here",
    "blobs are not supported: models run at their providers, nothing lies on this machine",
  );
}

/** `POST /api/me`. Without a `signin_url`: there is nowhere to sign in. */
export function me(): Response {
  throw new BridgeError("not_signed_in", "unauthorized");
}

/** `POST /api/signout`, `DELETE /api/user/keys/:encodedKey`. */
export function signout(): Response {
  throw new BridgeError("not_signed_in", "you are not currently signed in");
}

/** `GET /api/status`: clients hide what belongs to Ollama's cloud. */
export function status(): Response {
  return json({ cloud: { disabled: true, source: "config" } });
}

/** `POST /api/experimental/web_search`. */
export function webSearch(): Response {
  throw new BridgeError("cloud_disabled", "ollama cloud is disabled: web search is unavailable");
}

/** `POST /api/experimental/web_fetch`. */
export function webFetch(): Response {
  throw new BridgeError("cloud_disabled", "ollama cloud is disabled: web fetch is unavailable");
}

/** `GET /api/experimental/model-recommendations`. */
export function recommendations(): Response {
  return json({ recommendations: [] });
}
