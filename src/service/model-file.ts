import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { BridgeError, describeCauses } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { ModelStore } from "../catalog/stored-models.ts";

/**
 * The user's own models in a JSON file. It appears with the first of them, is replaced as a whole, and one that
 * nobody can read is set aside beside it instead of being written over.
 */
export function createModelFile(path: string, log: Log): ModelStore {
  let queue: Promise<unknown> = Promise.resolve();

  async function setAside(): Promise<void> {
    const copy = `${path}.broken`;
    await rename(path, copy);
    log.warn("the file of stored models could not be read and was set aside", { copy });
  }

  async function write(state: unknown): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    const next = `${path}.new`;
    await writeFile(next, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    await rename(next, path);
  }

  return {
    async load() {
      try {
        return JSON.parse(await readFile(path, "utf8")) as unknown;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        if (error instanceof SyntaxError) await setAside();
        else
          log.warn("the file of stored models cannot be read", {
            path,
            error: describeCauses(error),
          });
        return undefined;
      }
    },
    async save(state) {
      const written = queue.then(() => write(state));
      queue = written.catch(() => undefined);
      await written.catch((cause: unknown) => {
        const message = `the model could not be stored in ${path}. Check that the folder can be written to.`;
        throw new BridgeError("not_stored", message, { cause });
      });
    },
    setAside,
  };
}
