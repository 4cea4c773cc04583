import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import { window, workspace } from "vscode";
import type { ExtensionContext } from "vscode";
import { systemClock } from "./base/clock.ts";
import { describeCauses } from "./base/errors.ts";
import { createApiKeys } from "./host/api-keys.ts";
import { registerCommands } from "./host/commands.ts";
import { createLazyBridge } from "./host/lazy-bridge.ts";
import { createSettingsSource } from "./host/settings-source.ts";
import { showStatusBar } from "./host/status-bar.ts";
import type { BridgeService } from "./service/bridge-service.ts";
import type { BridgeState } from "./service/bridge-state.ts";
import { createRedactor, redactLog } from "./service/redact.ts";

/** What `deactivate` has to stop: VS Code hands it nothing. */
let activeBridge: BridgeService | undefined;

/** Root A: builds everything once and returns; the server's code is loaded after it, when the bridge first starts. */
export function activate(context: ExtensionContext): void {
  const began = systemClock.monotonic();
  const manifest = context.extension.packageJSON as Manifest;
  const channel = window.createOutputChannel("Llama Bridge", { log: true });
  const redact = createRedactor(() => apiKeys.secrets());
  const log = redactLog(channel, redact);
  const apiKeys = createApiKeys({ storage: context.secrets, log });
  const settings = createSettingsSource({
    workspace,
    names: Object.keys(manifest.contributes.configuration.properties),
  });

  const bridge = createLazyBridge(async () => {
    // Evaluating the server takes longer than all of activation, so VS Code gets its turn first.
    await turnOfTheLoop();
    const { createBridgeService } = await import("./service/bridge-service.ts");
    return createBridgeService({
      settings: await settings.reader(),
      apiKey: (provider) => apiKeys.get(provider),
      redact,
      stateFolder: context.globalStorageUri.fsPath,
      log,
      clock: systemClock,
      version: manifest.version,
    });
  });
  activeBridge = bridge;

  /** Nobody asked, so nobody is told: a failure stands in the status bar and in the log. */
  const unattended = (work: Promise<void>) => {
    work.catch((error: unknown) => {
      log.error("bridge could not start", { error: describeCauses(error) });
    });
  };

  context.subscriptions.push(
    channel,
    apiKeys,
    showStatusBar(bridge),
    registerCommands({ bridge, apiKeys, settings, channel, log }),
    apiKeys.onChange(() => {
      unattended(bridge.refresh());
    }),
    settings.onChange(() => {
      if (isMeantToRun(bridge.state)) unattended(bridge.restart());
    }),
  );
  if (settings.autoStart()) unattended(bridge.start());
  log.info("activated", { ms: Math.round(systemClock.monotonic() - began) });
}

export function deactivate(): Promise<void> | undefined {
  return activeBridge?.stop();
}

/** A failed bridge too: the change may be the repair. A stopping one reads the new settings if it comes up again. */
function isMeantToRun({ kind }: BridgeState): boolean {
  return kind === "running" || kind === "starting" || kind === "failed";
}

/** The parts of our own package.json that are read at run time. */
interface Manifest {
  version: string;
  contributes: { configuration: { properties: Record<string, unknown> } };
}
