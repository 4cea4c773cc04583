import { rename } from "node:fs/promises";
import { BridgeError, describeCauses } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { ModelStore } from "../catalog/stored-models.ts";
import { createJsonFile } from "./json-file.ts";

/**
 * The user's own models in a JSON file. It appears with the first of them. One that is no JSON, or means nothing, is set
 * aside beside it; one that cannot be read or set aside is not written over.
 */
export function createModelFile(path: string, log: Log): ModelStore {
  const file = createJsonFile(path);
  /** Why what lies there must stay. */
  let obstacle: unknown;

  async function setAside(): Promise<void> {
    const copy = `${path}.broken`;
    try {
      await rename(path, copy);
      log.warn("the file of stored models could not be read and was set aside", { copy });
    } catch (error) {
      leaveAlone(error);
    }
  }

  function leaveAlone(error: unknown): void {
    obstacle = error;
    const facts = { path, error: describeCauses(error) };
    log.warn("the file of stored models cannot be read and is left alone", facts);
  }

  return {
    async load() {
      try {
        return await file.read();
      } catch (error) {
        if (error instanceof SyntaxError) await setAside();
        else leaveAlone(error);
        return undefined;
      }
    },
    async save(state) {
      if (obstacle !== undefined) {
        const message = `the model could not be stored: what is in ${path} cannot be read and would be lost. Check its permissions and start the bridge again.`;
        throw new BridgeError("not_stored", message, { cause: obstacle });
      }
      await file.write(state).catch((cause: unknown) => {
        const message = `the model could not be stored in ${path}. Check that the folder can be written to.`;
        throw new BridgeError("not_stored", message, { cause });
      });
    },
    setAside,
  };
}
