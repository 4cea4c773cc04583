import { BridgeError } from "../base/errors.ts";
import type { BridgeService } from "../service/bridge-service.ts";
import type { BridgeState } from "../service/bridge-state.ts";

/**
 * A bridge whose code is loaded by the first call that needs it. Until then it is `stopped`, and
 * stopping or refreshing it has nothing to do. Afterwards every call goes to the loaded one, in the
 * order in which they came: a stop during the load follows the start that caused it.
 *
 * @param load called again after a failure (which is a bug: thrown as it is, and the state `failed`), otherwise once
 */
export function createLazyBridge(load: () => Promise<BridgeService>): BridgeService {
  const listeners = new Set<(state: BridgeState) => void>();
  let state: BridgeState = { kind: "stopped" };
  let loading: Promise<BridgeService> | undefined;

  const publish = (next: BridgeState) => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  const loadOnce = (): Promise<BridgeService> => {
    loading ??= load().then(
      (service) => {
        service.onState(publish);
        return service;
      },
      (cause: unknown) => {
        loading = undefined;
        const message = "The bridge's code could not be loaded. The log says why.";
        publish({ kind: "failed", error: new BridgeError("internal", message, { cause }) });
        throw cause;
      },
    );
    return loading;
  };

  return {
    get state() {
      return state;
    },
    onState: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: async () => (await loadOnce()).start(),
    restart: async () => (await loadOnce()).restart(),
    testConnection: async () => (await loadOnce()).testConnection(),
    stop: async () => (await loading)?.stop(),
    refresh: async () => (await loading)?.refresh(),
  };
}
