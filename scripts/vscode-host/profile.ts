import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Where one run keeps everything it writes: a VS Code that nobody has used before. */
export interface Profile {
  /** Serves as HOME, and holds all the others. */
  home: string;
  userDataDir: string;
  extensionsDir: string;
}

/** In a profile's home: what the extension host wrote to its console. */
export const consoleFile = "console.log";

/** A new profile in the system's folder for temporary files, with these settings beside the quieting ones. */
export function createProfile(userSettings: Record<string, unknown>): Profile {
  const home = mkdtempSync(path.join(tmpdir(), "llama-bridge-"));
  const userDataDir = path.join(home, "data");
  const userFolder = path.join(userDataDir, "User");
  mkdirSync(userFolder, { recursive: true });
  writeFileSync(
    path.join(userFolder, "settings.json"),
    JSON.stringify({ ...quiet, ...userSettings }, undefined, 2),
  );
  return {
    home,
    userDataDir,
    extensionsDir: path.join(home, "extensions"),
  };
}

/** Some process may still be writing its last line: tried for two seconds. */
export function removeProfile({ home }: Profile): void {
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/** Nothing looks for updates, reports home or covers the window. */
const quiet = {
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "workbench.enableExperiments": false,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "chat.disableAIFeatures": true,
};
