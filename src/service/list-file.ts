import * as z from "zod/mini";
import { describeCauses } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type * as openai from "../protocol/openai.ts";
import { createJsonFile } from "./json-file.ts";

/** The providers' last lists between runs, so that a client sees models before the network has answered. */
export interface ListStore {
  /** By the names under which they were saved; empty when nobody can read them. */
  load(): Promise<Map<string, openai.Model[]>>;
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
    async load() {
      const read = saved.safeParse(await file.read().catch(() => undefined));
      if (read.success) {
        lists = new Map(Object.entries(read.data.lists) as [string, openai.Model[]][]);
      }
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
