import { strict as assert } from "node:assert";
import { commands, window } from "vscode";
import type { InputBoxOptions, QuickPickItem } from "vscode";

/**
 * Runs a command that asks for a key, and types this one. Our bundle lies in the extension's folder, so VS Code
 * gives both the same `window`. The box itself is filled by hand, as it were, in test/ui.
 */
export async function typeKey(command: string, key: string): Promise<void> {
  const original = window.showInputBox;
  let asked: InputBoxOptions | undefined;
  window.showInputBox = async (options) => {
    asked = options;
    assert.ok(!(await options?.validateInput?.(key)), "the box refuses the key");
    return key;
  };
  try {
    await commands.executeCommand(command);
  } finally {
    window.showInputBox = original;
  }
  assert.equal(asked?.password, true, "the key was not asked for, or visibly");
}

/** Runs a command that offers a choice, and takes the entry with this label. */
export async function choose(command: string, label: string): Promise<void> {
  const original = window.showQuickPick;
  const pick = (items: readonly QuickPickItem[]) => {
    const item = items.find((offered) => offered.label === label);
    assert.ok(item, `${label} is not among ${items.map((offered) => offered.label).join(", ")}`);
    return Promise.resolve(item);
  };
  window.showQuickPick = pick as unknown as typeof window.showQuickPick;
  try {
    await commands.executeCommand(command);
  } finally {
    window.showQuickPick = original;
  }
}

/** Runs a command that fails, and gives the message that it shows with the names of its buttons. */
export async function errorOf(command: string): Promise<{ message: string; buttons: string[] }> {
  const original = window.showErrorMessage;
  const shown: { message: string; buttons: string[] }[] = [];
  const show = (message: string, ...buttons: string[]) => {
    shown.push({ message, buttons });
    return Promise.resolve(undefined);
  };
  window.showErrorMessage = show as unknown as typeof window.showErrorMessage;
  try {
    await commands.executeCommand(command);
  } finally {
    window.showErrorMessage = original;
  }
  const [only, ...others] = shown;
  assert.ok(only && others.length === 0, `${shown.length} errors were shown`);
  return only;
}
