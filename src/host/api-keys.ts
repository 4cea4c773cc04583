import type { Disposable, SecretStorage } from "vscode";
import { describeCauses } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

export interface ApiKeysOptions {
  storage: SecretStorage;
  log: Log;
}

/** The keys in VS Code's secret storage, one for each provider and each bound to the origin it was entered for. */
export interface ApiKeys {
  /** The provider's key if it was entered for this very origin. Read once, then from memory until it changes. */
  get(provider: { id: string; origin: string }): Promise<string | undefined>;
  /** The origin that the provider's key was entered for; undefined without a key. */
  enteredFor(id: string): Promise<string | undefined>;
  set(provider: { id: string; origin: string }, key: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ids of all providers with a key, also of those that the settings no longer name. Empty where VS Code cannot list. */
  storedIds(): Promise<string[]>;
  /** Calls back when a key was set or removed, in this window or another. */
  onChange(listener: () => void): Disposable;
  /** Every key met since activation, replaced ones too, for the log's filter. */
  secrets(): Iterable<string>;
  dispose(): void;
}

export function createApiKeys({ storage, log }: ApiKeysOptions): ApiKeys {
  const cache = new Map<string, Promise<StoredKey | undefined>>();
  const met = new Set<string>();

  const read = async (id: string): Promise<StoredKey | undefined> => {
    try {
      const stored = parseStored(await storage.get(NAME_PREFIX + id));
      if (stored !== undefined) met.add(stored.key);
      return stored;
    } catch (error) {
      cache.delete(id);
      log.warn("secret storage failed", { provider: id, causes: describeCauses(error) });
      return undefined;
    }
  };
  const recall = (id: string): Promise<StoredKey | undefined> => {
    const known = cache.get(id) ?? read(id);
    cache.set(id, known);
    return known;
  };
  const onKeyChange = (listener: (id: string) => void): Disposable =>
    storage.onDidChange(({ key: name }) => {
      if (name.startsWith(NAME_PREFIX)) listener(name.slice(NAME_PREFIX.length));
    });

  const subscription = onKeyChange((id) => cache.delete(id));

  return {
    get: async ({ id, origin }) => {
      const stored = await recall(id);
      return stored?.origin === origin ? stored.key : undefined;
    },
    enteredFor: async (id) => (await recall(id))?.origin,
    set: async ({ id, origin }, key) => {
      met.add(key);
      const stored: StoredKey = { key, origin };
      await storage.store(NAME_PREFIX + id, JSON.stringify(stored));
      cache.delete(id);
    },
    remove: async (id) => {
      await storage.delete(NAME_PREFIX + id);
      cache.delete(id);
    },
    storedIds: () => listIds(storage),
    onChange: (listener) =>
      onKeyChange((id) => {
        cache.delete(id);
        listener();
      }),
    secrets: () => met,
    dispose: () => {
      subscription.dispose();
      cache.clear();
    },
  };
}

const NAME_PREFIX = "provider:";

interface StoredKey {
  key: string;
  origin: string;
}

function parseStored(text: string | undefined): StoredKey | undefined {
  if (text === undefined) return undefined;
  try {
    const { key, origin } = JSON.parse(text) as Partial<Record<string, unknown>>;
    return typeof key === "string" && typeof origin === "string" ? { key, origin } : undefined;
  } catch {
    return undefined;
  }
}

async function listIds(storage: SecretStorage): Promise<string[]> {
  // `keys()` is newer than the typings of VS Code 1.104, our floor.
  const { keys } = storage as { keys?: () => Thenable<string[]> };
  const names = (await keys?.call(storage)) ?? [];
  return names.flatMap((name) =>
    name.startsWith(NAME_PREFIX) ? [name.slice(NAME_PREFIX.length)] : [],
  );
}
