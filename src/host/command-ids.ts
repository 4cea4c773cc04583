/** What the palette shows in front of every title. */
export const COMMAND_CATEGORY = "Llama Bridge";

/** Every command with its title. package.json is generated from this table, `commands.ts` gives each its function. */
export const commandTitles = {
  "llamaBridge.start": "Start",
  "llamaBridge.stop": "Stop",
  "llamaBridge.restart": "Restart",
  "llamaBridge.toggle": "Toggle",
  "llamaBridge.setApiKey": "Set API Key",
  "llamaBridge.removeApiKey": "Remove API Key",
  "llamaBridge.testConnection": "Test Connection",
  "llamaBridge.copyEndpoint": "Copy Endpoint URL",
  "llamaBridge.showLog": "Show Log",
} as const;

export type CommandId = keyof typeof commandTitles;

export const commandIds = Object.keys(commandTitles) as CommandId[];
