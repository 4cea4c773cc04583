import * as z from "zod/mini";
import { describeCauses } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type * as openai from "../protocol/openai.ts";
import { createJsonFile } from "./json-file.ts";

/** The providers' last lists between runs, so that a client sees models before the network has answered. */
export interface ListStore {
  /**
   * By the names under which they were saved, as far as these are asked for: of the others nothing is kept. Empty when
   * nobody can read them.
   */
  load(names: string[]): Promise<Map<string, openai.Model[]>>;
  /** In the background; a failure is logged. */
  save(provider: string, models: openai.Model[]): void;
}

const saved = z.object({
  version: z.literal(1),
  lists: z.record(z.string(), z.array(z.looseObject({ id: z.string() }))),
});

export function createListFile(path: string, log: Log): ListStore {
  const file = createJsonFile(path);
  let lists = new Map<string, openai.Model[]>();
  return {
    async load(names) {
      const read = saved.safeParse(await file.read().catch(() => undefined));
      const known = Object.entries(read.data?.lists ?? {}) as [string, openai.Model[]][];
      lists = new Map(known.filter(([name]) => names.includes(name)));
      return lists;
    },
    save(provider, models) {
      lists.set(provider, models);
      file.write({ version: 1, lists: Object.fromEntries(lists) }).catch((error: unknown) => {
        log.debug("lists of models could not be kept", { path, error: describeCauses(error) });
      });
    },
  };
}

/** Nothing is kept. */
export function createListMemory(): ListStore {
  return { load: () => Promise.resolve(new Map()), save: () => undefined };
}
