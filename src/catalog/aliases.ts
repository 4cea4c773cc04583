import { keyOf } from "./names.ts";
import type { Preset } from "./stored-models.ts";

/** A name of the user's own from the settings: the models behind it, the first that answers, and what each request gets. */
export interface AliasSetting extends Omit<Preset, "from" | "messages"> {
  models: string[];
}

export interface AliasSettings {
  /** By the name in any case, with or without `:latest`. */
  find(name: string): AliasSetting | undefined;
  readonly names: readonly string[];
}

/** An alias as it is written: a model, a chain of them, or an object with either. */
export type WrittenAlias =
  | string
  | string[]
  | {
      model: string | string[];
      options?: Record<string, unknown> | undefined;
      think?: boolean | string | undefined;
      system?: string | undefined;
    };

export function createAliasSettings(written: Record<string, WrittenAlias>): AliasSettings {
  const aliases = new Map(
    Object.entries(written).map(([name, alias]) => [keyOf(name), toSetting(alias)]),
  );
  return { find: (name) => aliases.get(keyOf(name)), names: Object.keys(written) };
}

function toSetting(alias: WrittenAlias): AliasSetting {
  if (typeof alias === "string") return { models: [alias] };
  if (Array.isArray(alias)) return { models: alias };
  const { model, options, think, system } = alias;
  return { models: [model].flat(), parameters: options, think, system };
}
