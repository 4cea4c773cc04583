import { ConfigurationTarget, workspace } from "vscode";

/** The port in the user's settings. The runner chose a free one before VS Code started. */
export function userPort(): number {
  const port = workspace.getConfiguration("llamaBridge").inspect<number>("port")?.globalValue;
  if (port === undefined) throw new Error("the user's settings name no port");
  return port;
}

/** Writes into the user's settings; `undefined` takes the entry out. */
export async function setUserSetting(key: string, value: unknown): Promise<void> {
  await workspace.getConfiguration("llamaBridge").update(key, value, ConfigurationTarget.Global);
}
