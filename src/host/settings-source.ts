import type * as vscode from "vscode";
import { BridgeError } from "../base/errors.ts";
import type { ProviderSettings } from "../service/provider-settings.ts";
import type { Settings } from "../service/settings.ts";

export interface SettingsSourceOptions {
  workspace: Pick<typeof vscode.workspace, "getConfiguration" | "onDidChangeConfiguration">;
  /** Names from the manifest: `llamaBridge.timeouts.connectMs`. It is generated from the schema, so it lists them all. */
  names: string[];
}

/** The user's own values. What a workspace says is never looked at: a cloned folder must not move a key, a request or the listener. */
export interface SettingsSource {
  /** False only if the user said so; any other value starts the bridge, whose schema then judges it. */
  autoStart(): boolean;
  /**
   * Loads the schema, which activation does not wait for. The function it gives reads the values of
   * that moment and throws BridgeError `invalid_settings` for a wrong one.
   */
  reader(): Promise<() => Settings>;
  /** Writes one more provider into the user's settings. */
  addProvider(provider: ProviderSettings): Promise<void>;
  /** Calls back when a value that the running bridge depends on has become another. */
  onChange(listener: () => void): vscode.Disposable;
}

export function createSettingsSource({ workspace, names }: SettingsSourceOptions): SettingsSource {
  const keys = names.map((name) => name.slice(SECTION.length + 1));

  const userValue = (key: string): unknown =>
    workspace.getConfiguration(SECTION).inspect(key)?.globalValue;
  const userTree = () => nest(keys.map((key) => [key, userValue(key)]));
  const fingerprint = () => JSON.stringify({ ...userTree(), autoStart: undefined });

  return {
    autoStart: () => {
      const inspected = workspace.getConfiguration(SECTION).inspect("autoStart");
      return (inspected?.globalValue ?? inspected?.defaultValue) !== false;
    },
    reader: async () => {
      const { parseSettings } = await import("../service/settings.ts");
      return () => parseSettings(userTree(), "VS Code settings");
    },
    addProvider: async (provider) => {
      const present = (userValue("providers") ?? []) as ProviderSettings[];
      try {
        // `true` is ConfigurationTarget.Global: the user's settings.
        await workspace.getConfiguration(SECTION).update("providers", [...present, provider], true);
      } catch (cause) {
        throw new BridgeError(
          "invalid_settings",
          `VS Code could not write "${SECTION}.providers" into your settings. Repair settings.json and try again.`,
          { cause },
        );
      }
    },
    onChange: (listener) => {
      let known = fingerprint();
      return workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration(SECTION)) return;
        const current = fingerprint();
        if (current === known) return;
        known = current;
        listener();
      });
    },
  };
}

const SECTION = "llamaBridge";

type Tree = Record<string, unknown>;

/** `timeouts.connectMs` becomes `{ timeouts: { connectMs } }`; keys without a value are left to the schema's defaults. */
function nest(values: [key: string, value: unknown][]): Tree {
  const tree: Tree = {};
  for (const [key, value] of values) {
    if (value === undefined) continue;
    const path = key.split(".");
    const leaf = path.pop() ?? key;
    let branch = tree;
    for (const name of path) branch = (branch[name] ??= {}) as Tree;
    branch[leaf] = value;
  }
  return tree;
}
