import { Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from "vscode";
import type { StatusBarItem } from "vscode";
import { COMMAND_CATEGORY, commandIds } from "./command-ids.ts";
import type { CommandId } from "./command-ids.ts";
import { describeState } from "./status-text.ts";
import type { BridgeService } from "../service/bridge-service.ts";
import type { BridgeState } from "../service/bridge-state.ts";

/** The one item in the status bar; it draws the state of the bridge and toggles it when clicked. */
export function showStatusBar(bridge: Pick<BridgeService, "state" | "onState">): Disposable {
  const item = window.createStatusBarItem("llamaBridge.status", StatusBarAlignment.Left);
  item.name = COMMAND_CATEGORY;
  item.command = "llamaBridge.toggle" satisfies CommandId;
  draw(item, bridge.state);
  item.show();
  const unsubscribe = bridge.onState((state) => {
    draw(item, state);
  });
  return Disposable.from(item, { dispose: unsubscribe });
}

function draw(item: StatusBarItem, state: BridgeState): void {
  const { text, tooltip, label, background } = describeState(state);
  const markdown = new MarkdownString(tooltip);
  markdown.isTrusted = { enabledCommands: commandIds };
  item.text = text;
  item.tooltip = markdown;
  item.accessibilityInformation = { label, role: "button" };
  item.backgroundColor = background && new ThemeColor(`statusBarItem.${background}Background`);
}
