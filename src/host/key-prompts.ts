import { InputBoxValidationSeverity, window } from "vscode";
import type { QuickPickItem } from "vscode";
import { checkKey } from "./key-check.ts";
import { BridgeError } from "../base/errors.ts";
import { parseBaseUrl } from "../upstream/base-url.ts";

/** A provider as the prompts name it. */
export interface Provider {
  id: string;
  origin: string;
  /** It runs on this machine and may do without a key. */
  isLoopback: boolean;
}

/** Asks for the key, checked and trimmed: `""` if a local server needs none, undefined if the user turned back. */
export async function askForKey({ id, origin, isLoopback }: Provider): Promise<string | undefined> {
  const isOptional = (pasted: string) => isLoopback && pasted.trim() === "";
  const pasted = await window.showInputBox({
    title: `API key for ${id}`,
    prompt:
      `Kept in VS Code's secret storage and sent to ${origin} only.` +
      (isLoopback ? " Leave it empty if the server needs none." : ""),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (isOptional(text)) return undefined;
      const check = checkKey(text);
      if (check.kind === "refused") return check.problem;
      return check.note && { message: check.note, severity: InputBoxValidationSeverity.Info };
    },
  });
  if (pasted === undefined) return undefined;
  if (isOptional(pasted)) return "";
  const check = checkKey(pasted);
  return check.kind === "usable" ? check.key : undefined;
}

/** Asks for a provider's base URL; undefined if the user turned back. */
export async function askForBaseUrl(rules: {
  allowInsecureHttp: boolean;
}): Promise<ReturnType<typeof parseBaseUrl> | undefined> {
  const text = await window.showInputBox({
    title: "Base URL of the provider",
    prompt: "Where its OpenAI-compatible API begins, usually ending in /v1.",
    value: "https://api.openai.com/v1",
    ignoreFocusOut: true,
    validateInput: (typed) => {
      try {
        parseBaseUrl(typed, rules);
        return undefined;
      } catch (error) {
        if (error instanceof BridgeError) return error.message;
        throw error;
      }
    },
  });
  return text === undefined ? undefined : parseBaseUrl(text, rules);
}

/** One of several providers; undefined if the user turned back. */
export async function pickProvider<P extends { id: string }>(
  title: string,
  choices: { provider: P; description: string; detail?: string }[],
): Promise<P | undefined> {
  const items = choices.map(({ provider, ...texts }): QuickPickItem & { provider: P } => ({
    label: provider.id,
    ...texts,
    provider,
  }));
  return (await window.showQuickPick(items, { title, ignoreFocusOut: true }))?.provider;
}
