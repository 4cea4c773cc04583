import { commandTitles } from "./command-ids.ts";
import type { CommandId } from "./command-ids.ts";
import { BridgeError } from "../base/errors.ts";
import type { ConnectionReport } from "../service/bridge-service.ts";

/** One notification with the buttons that help. */
export interface Notice {
  severity: "information" | "error";
  message: string;
  actions: NoticeAction[];
}

export interface NoticeAction {
  title: string;
  command: string;
  argument?: string;
}

/** What a failed command tells. Only an expected failure is shown as it is; anything else is a bug and left to the log. */
export function failureNotice(id: CommandId, error: unknown): Notice {
  if (error instanceof BridgeError) {
    return { severity: "error", message: error.message, actions: [remedy(error)] };
  }
  const message = `"Llama Bridge: ${commandTitles[id]}" failed unexpectedly. The log says more.`;
  return { severity: "error", message, actions: [offer("llamaBridge.showLog")] };
}

/** What "Test Connection" found, in one line for all providers. */
export function connectionNotice(reports: ConnectionReport[]): Notice {
  if (reports.every(({ origin }) => origin === undefined)) {
    return {
      severity: "information",
      message: "No provider is set: the built-in demo model answers.",
      actions: [offer("llamaBridge.setApiKey")],
    };
  }
  const failure = reports.find(({ error }) => error !== undefined)?.error;
  return {
    severity: failure ? "error" : "information",
    message: reports.map(describeReport).join(" · "),
    actions: failure ? [remedy(failure)] : [],
  };
}

/** The notice's button for one of our commands. */
export function offer(id: CommandId): NoticeAction {
  return { title: commandTitles[id], command: id };
}

function remedy({ code }: BridgeError): NoticeAction {
  switch (code) {
    case "port_taken":
      return openSettings("llamaBridge.port");
    case "invalid_settings":
      return openSettings("llamaBridge");
    case "upstream_unauthorized":
      return offer("llamaBridge.setApiKey");
    default:
      return offer("llamaBridge.showLog");
  }
}

function openSettings(query: string): NoticeAction {
  return { title: "Open Settings", command: "workbench.action.openSettings", argument: query };
}

function describeReport({ provider, modelCount = 0, ms, error }: ConnectionReport): string {
  // The message of a provider's failure begins with its name.
  if (error !== undefined) return error.message;
  const models = modelCount === 1 ? "1 model" : `${modelCount} models`;
  return `${provider}: ${models} in ${Math.round(ms)} ms`;
}
