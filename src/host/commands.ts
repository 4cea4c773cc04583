import { commands, Disposable, env, ProgressLocation, window } from "vscode";
import type { LogOutputChannel } from "vscode";
import type { ApiKeys } from "./api-keys.ts";
import { COMMAND_CATEGORY, commandIds } from "./command-ids.ts";
import type { CommandId } from "./command-ids.ts";
import { removeApiKey, setApiKey } from "./key-commands.ts";
import { connectionNotice, failureNotice, offer } from "./notices.ts";
import type { Notice } from "./notices.ts";
import type { SettingsSource } from "./settings-source.ts";
import { describeCauses } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { BridgeService } from "../service/bridge-service.ts";

export interface CommandDeps {
  bridge: BridgeService;
  apiKeys: ApiKeys;
  settings: SettingsSource;
  /** What "Show Log" opens. */
  channel: Pick<LogOutputChannel, "show">;
  log: Log;
}

/** Registers every command. A failure becomes one notification here, and a bug's causes go to the log. */
export function registerCommands(deps: CommandDeps): Disposable {
  const table = createCommands(deps);
  const run = async (id: CommandId) => {
    try {
      const notice = await table[id]();
      if (notice !== undefined) show(notice);
    } catch (error) {
      deps.log.error("command failed", { command: id, error: describeCauses(error) });
      show(failureNotice(id, error));
    }
  };
  return Disposable.from(...commandIds.map((id) => commands.registerCommand(id, () => run(id))));
}

/** Does its work and says what to tell the user, if anything. */
type Command = () => Promise<Notice | undefined>;

function createCommands(deps: CommandDeps): Record<CommandId, Command> {
  const { bridge, channel } = deps;
  return {
    "llamaBridge.start": silent(() => bridge.start()),
    "llamaBridge.stop": silent(() => bridge.stop()),
    "llamaBridge.restart": silent(() => bridge.restart()),
    "llamaBridge.toggle": silent(() => toggle(bridge)),
    "llamaBridge.setApiKey": () => setApiKey(deps),
    "llamaBridge.removeApiKey": () => removeApiKey(deps),
    "llamaBridge.testConnection": () => testConnection(bridge),
    "llamaBridge.copyEndpoint": () => copyEndpoint(bridge),
    "llamaBridge.showLog": silent(() => {
      channel.show();
    }),
  };
}

function silent(work: () => Promise<void> | void): Command {
  return async () => {
    await work();
    return undefined;
  };
}

function toggle(bridge: BridgeService): Promise<void> {
  const isUp = bridge.state.kind === "running" || bridge.state.kind === "starting";
  return isUp ? bridge.stop() : bridge.start();
}

async function testConnection(bridge: BridgeService): Promise<Notice> {
  const progress = {
    location: ProgressLocation.Notification,
    title: `${COMMAND_CATEGORY}: testing the connection`,
  };
  return connectionNotice(await window.withProgress(progress, () => bridge.testConnection()));
}

async function copyEndpoint({ state }: BridgeService): Promise<Notice> {
  if (state.kind !== "running") {
    return {
      severity: "information",
      message: "Llama Bridge is not running.",
      actions: [offer("llamaBridge.start")],
    };
  }
  await env.clipboard.writeText(state.url);
  return { severity: "information", message: `${state.url} is copied.`, actions: [] };
}

/** Not awaited by the command: it has ended, whether or not someone reads the notification. */
function show({ severity, message, actions }: Notice): void {
  const display = severity === "error" ? window.showErrorMessage : window.showInformationMessage;
  void display(message, ...actions.map(({ title }) => title)).then((chosen) => {
    const action = actions.find(({ title }) => title === chosen);
    if (action === undefined) return;
    return commands.executeCommand(action.command, action.argument);
  });
}
