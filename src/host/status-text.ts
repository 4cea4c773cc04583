import { commandTitles } from "./command-ids.ts";
import type { CommandId } from "./command-ids.ts";
import type { BridgeState, ProviderSummary } from "../service/bridge-state.ts";

/** How a state looks in the status bar. */
export interface StatusText {
  /** With one icon in front. */
  text: string;
  /** Markdown with links to our commands. */
  tooltip: string;
  /** What a screen reader says. */
  label: string;
  background?: "warning" | "error";
}

export function describeState(state: BridgeState): StatusText {
  switch (state.kind) {
    case "stopped":
      return look({ icon: "circle-slash", name: "Stopped", links: linksWhenDown });
    case "starting":
      return look({ icon: "loading~spin", name: "Starting", links: linksWhenBusy });
    case "stopping":
      return look({ icon: "loading~spin", name: "Stopping", links: linksWhenBusy });
    case "running":
      return describeRunning(state);
    case "failed": {
      const taken = state.error.code === "port_taken";
      return look({
        icon: taken ? "warning" : "error",
        name: taken ? "Port taken" : "Error",
        details: [escapeMarkdown(state.error.message)],
        links: linksWhenDown,
        background: taken ? "warning" : "error",
      });
    }
  }
}

type Running = Extract<BridgeState, { kind: "running" }>;

function describeRunning({ url, port, providers, modelCount }: Running): StatusText {
  const isDemo = providers.length === 0;
  const lacksKey = providers.some(({ key }) => key === "absent");
  const remark = isDemo ? " (demo)" : lacksKey ? " (no key)" : "";
  const lines = isDemo
    ? ["No provider is set: the built-in demo model answers."]
    : providers.map(describeProvider);
  return look({
    icon: lacksKey ? "warning" : "plug",
    name: `:${port}${remark}`,
    spokenName: `running on port ${port}${remark}`,
    details: [
      `Endpoint: \`${url}\``,
      lines.join("\n"),
      `Models: ${modelCount ?? "not listed yet"}`,
    ],
    links: linksWhenRunning,
    ...(lacksKey && { background: "warning" }),
  });
}

const keyTexts = {
  present: "key set",
  absent: "**no key for this address**",
  "not needed": "no key needed",
} satisfies Record<ProviderSummary["key"], string>;

function describeProvider({ id, origin, key, breaker }: ProviderSummary): string {
  const health = breaker === "closed" ? "" : ", **failing, left alone for a moment**";
  return `- ${escapeMarkdown(id)}: \`${origin}\`, ${keyTexts[key]}${health}`;
}

const linksWhenDown: CommandId[] = [
  "llamaBridge.start",
  "llamaBridge.setApiKey",
  "llamaBridge.testConnection",
  "llamaBridge.showLog",
];
const linksWhenBusy: CommandId[] = ["llamaBridge.showLog"];
const linksWhenRunning: CommandId[] = [
  "llamaBridge.stop",
  "llamaBridge.restart",
  "llamaBridge.setApiKey",
  "llamaBridge.testConnection",
  "llamaBridge.copyEndpoint",
  "llamaBridge.showLog",
];

interface Look {
  icon: string;
  name: string;
  spokenName?: string;
  details?: string[];
  links: CommandId[];
  background?: "warning" | "error";
}

function look({ icon, name, spokenName, details, links, background }: Look): StatusText {
  const separator = name.startsWith(":") ? " " : ": ";
  const heading = `**Llama Bridge**: ${spokenName ?? name.toLowerCase()}`;
  const commands = links.map((id) => `[${commandTitles[id]}](command:${id})`).join(" · ");
  return {
    text: `$(${icon}) Llama Bridge${separator}${name}`,
    tooltip: [heading, ...(details ?? []), "---", commands].join("\n\n"),
    label: `Llama Bridge: ${spokenName ?? name.toLowerCase()}`,
    ...(background !== undefined && { background }),
  };
}

/** Messages may repeat what a provider said: none of it may become a link to a command. */
function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*_{}[\]()#+\-.!|<>~$&:@]/g, "\\$&");
}
