import * as z from "zod/mini";
import type * as ollama from "../protocol/ollama.ts";
import { keyOf, toListedName } from "./names.ts";

/** What a stored model adds to the one that it is made from. */
export interface Preset {
  /** The model that it stands for, as the user wrote it. */
  from?: string | undefined;
  system?: string | undefined;
  /** Ollama's `options`. */
  parameters?: Record<string, unknown> | undefined;
  messages?: ollama.Message[] | undefined;
  /** Ollama's `think`, where the request does not say it. */
  think?: boolean | string | undefined;
}

/** A model of the user's own: another name for one that a provider serves, with or without a preset. */
export interface Alias extends Preset {
  from: string;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** Where the stored models are kept between runs. */
export interface ModelStore {
  /** What was saved last; undefined when nothing was, or nobody can read it. Never rejects. */
  load(): Promise<unknown>;
  /** @throws BridgeError `not_stored` */
  save(state: unknown): Promise<void>;
  /** What was loaded means nothing to this version; keep it, but out of the way. Never rejects. */
  setAside(): Promise<void>;
}

const state = z.object({
  version: z.literal(1),
  aliases: z.record(
    z.string(),
    z.object({
      from: z.string(),
      system: z.optional(z.string()),
      parameters: z.optional(z.record(z.string(), z.unknown())),
      messages: z.optional(z.array(z.looseObject({}))),
      think: z.optional(z.union([z.boolean(), z.string()])),
      createdAt: z.number(),
    }),
  ),
  hidden: z.array(z.string()),
});

/** The models that `/api/create` and `/api/copy` made, and those that `/api/delete` hides. Names in any case. */
export interface StoredModels {
  /** By their names with a tag, as they were given. */
  aliases(): Promise<Map<string, Alias>>;
  find(name: string): Promise<Alias | undefined>;
  isHidden(name: string): Promise<boolean>;
  /** Resolves when it is kept. */
  add(name: string, alias: Alias): Promise<void>;
  /** @returns false when there is no such alias */
  remove(name: string): Promise<boolean>;
  hide(name: string): Promise<void>;
  show(name: string): Promise<void>;
}

export function createStoredModels(store: ModelStore): StoredModels {
  const loading = load(store);

  async function save(): Promise<void> {
    const { aliases, hidden } = await loading;
    await store.save({
      version: 1,
      aliases: Object.fromEntries(aliases),
      hidden: [...hidden],
    });
  }

  async function nameOf(name: string): Promise<string | undefined> {
    const { aliases } = await loading;
    const wanted = keyOf(name);
    return [...aliases.keys()].find((known) => keyOf(known) === wanted);
  }

  return {
    aliases: async () => (await loading).aliases,
    async find(name) {
      const known = await nameOf(name);
      return known === undefined ? undefined : (await loading).aliases.get(known);
    },
    isHidden: async (name) => (await loading).hidden.has(keyOf(name)),
    async add(name, alias) {
      const { aliases, hidden } = await loading;
      aliases.delete((await nameOf(name)) ?? "");
      aliases.set(toListedName(name), alias);
      hidden.delete(keyOf(name));
      await save();
    },
    async remove(name) {
      const known = await nameOf(name);
      if (known === undefined) return false;
      (await loading).aliases.delete(known);
      await save();
      return true;
    },
    async hide(name) {
      (await loading).hidden.add(keyOf(name));
      await save();
    },
    async show(name) {
      if ((await loading).hidden.delete(keyOf(name))) await save();
    },
  };
}

/** Nothing is kept. */
export function createMemoryStore(): ModelStore {
  return {
    load: () => Promise.resolve(undefined),
    save: () => Promise.resolve(),
    setAside: () => Promise.resolve(),
  };
}

async function load(
  store: ModelStore,
): Promise<{ aliases: Map<string, Alias>; hidden: Set<string> }> {
  const saved = await store.load();
  const read = state.safeParse(saved);
  if (!read.success) {
    if (saved !== undefined) await store.setAside();
    return { aliases: new Map(), hidden: new Set() };
  }
  const aliases = Object.entries(read.data.aliases) as [string, Alias][];
  return { aliases: new Map(aliases), hidden: new Set(read.data.hidden) };
}
