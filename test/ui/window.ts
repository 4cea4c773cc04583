import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Locator, Page } from "playwright-core";
import { openBrowserWindow } from "../../scripts/vscode-host/browser.ts";
import { installExtension, startCodeServer } from "../../scripts/vscode-host/code-server.ts";
import { projectRoot } from "../../scripts/vscode-host/host-files.ts";
import type { Owned } from "../../scripts/vscode-host/owned.ts";
import { createProfile, removeProfile } from "../../scripts/vscode-host/profile.ts";
import type { Profile } from "../../scripts/vscode-host/profile.ts";

/** What `npm run package` makes. */
export const packagedExtension = path.join(projectRoot, "llama-bridge.vsix");

/** A VS Code window seen from outside: what a person looks at, clicks and types. */
export interface Window {
  page: Page;
  /** Our entry in the status bar. */
  statusBar: Locator;
  /** The box at the top: palette, input boxes, choices. */
  quickInput: Locator;
  notifications: Locator;
  /** Opens the palette and runs the command with this title. */
  runCommand: (title: string) => Promise<void>;
  /** Takes a picture into screenshots/. */
  photograph: (name: string) => Promise<void>;
  /** The user's settings as they stand in the file. */
  readUserSettings: () => Record<string, unknown>;
  /** Names of the files below the user's data, logs among them, that have this text in them. */
  filesWith: (text: string) => string[];
}

/** A fresh VS Code with the packaged extension, an empty folder and these settings of the user. */
export async function openWindow(
  owned: Owned,
  userSettings: Record<string, unknown>,
): Promise<Window> {
  const profile = createProfile(userSettings);
  owned.add(() => {
    removeProfile(profile);
  });
  await installExtension({ profile }, packagedExtension);
  const server = await startCodeServer({ profile });
  owned.add(server.close);
  const { page, close } = await openBrowserWindow(profile);
  owned.add(close);
  const folder = path.join(profile.home, "my-project");
  mkdirSync(folder);
  await page.goto(`http://127.0.0.1:${server.port}/?folder=${encodeURIComponent(folder)}`);
  return { ...seenFromOutside(page), ...seenOnDisk(profile) };
}

function seenOnDisk({ userDataDir }: Profile): Pick<Window, "readUserSettings" | "filesWith"> {
  const settings = path.join(userDataDir, "User/settings.json");
  return {
    readUserSettings: () => JSON.parse(readFileSync(settings, "utf8")) as Record<string, unknown>,
    filesWith: (text) =>
      readdirSync(userDataDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .filter((file) => readFileSync(file, "latin1").includes(text)),
  };
}

function seenFromOutside(page: Page): Omit<Window, "readUserSettings" | "filesWith"> {
  const quickInput = page.locator(".quick-input-widget");
  return {
    page,
    quickInput,
    statusBar: page.locator(".statusbar-item", { hasText: "Llama Bridge" }).locator("a"),
    notifications: page.locator(".notification-toast"),
    runCommand: async (title) => {
      await page.keyboard.press("F1");
      await quickInput.locator("input").fill(`>${title}`);
      await quickInput.locator(".monaco-list-row", { hasText: title }).first().click();
    },
    photograph: async (name) => {
      const file = path.join(projectRoot, "screenshots", `${name}.png`);
      await page.screenshot({ path: file, animations: "disabled" });
    },
  };
}
