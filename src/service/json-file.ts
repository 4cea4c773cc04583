import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** A JSON file that is replaced as a whole: whoever reads it sees all of the old or all of the new. */
export interface JsonFile {
  /**
   * @returns undefined when there is none
   * @throws SyntaxError when it is not JSON, else what the file system says
   */
  read(): Promise<unknown>;
  /** One after the other, in the order of the calls; its folder is made. */
  write(value: unknown): Promise<void>;
}

/** Only for the user: what they call their models is nobody else's business. */
const MODE = 0o600;

export function createJsonFile(path: string): JsonFile {
  let queue: Promise<unknown> = Promise.resolve();

  async function replace(value: unknown): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    // Another window may write at the same time.
    const next = `${path}.${process.pid}.new`;
    await writeFile(next, `${JSON.stringify(value, null, 2)}\n`, { mode: MODE });
    await rename(next, path);
  }

  return {
    async read() {
      try {
        return JSON.parse(await readFile(path, "utf8")) as unknown;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    write(value) {
      const written = queue.then(() => replace(value));
      queue = written.catch(() => undefined);
      return written;
    },
  };
}
