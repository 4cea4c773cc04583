import { accessSync, constants } from "node:fs";
import path from "node:path";

/** The project's folder. */
export const projectRoot = path.resolve(import.meta.dirname, "../..");

/** Everything that the set-up downloads. Git ignores it; deleting it means a new download. */
export const hostDirectory = path.join(projectRoot, ".vscode-host");

/** What the set-up installs from npm. Node comes with its headers there, which two addons are built with. */
export const hostPackages = {
  "code-server": "4.139.1",
  [`node-${process.platform}-${process.arch}`]: "24.21.0",
};

/** code-server is VS Code's own server with another login: the same workbench, the same extension host. */
export const codeServer = path.join(hostDirectory, "node_modules/code-server");
export const codeServerEntry = path.join(codeServer, "out/node/entry.js");

/** The Node that code-server is made for, whichever runs this script. */
export const hostNodeDirectory = path.join(
  hostDirectory,
  `node_modules/node-${process.platform}-${process.arch}`,
);
export const hostNode = path.join(hostNodeDirectory, "bin/node");

/** Names under which the browser is found, in order of preference. `CHROMIUM` names another one. */
export const browserCommands = ["chromium", "chromium-browser", "google-chrome"];

/** The browser's path, or nothing where there is none. */
export function findBrowser(): string | undefined {
  return process.env["CHROMIUM"] || findCommand(browserCommands);
}

/** Full path of the first of these commands that PATH knows. */
export function findCommand(commands: string[]): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter(Boolean);
  return commands
    .flatMap((command) => folders.map((folder) => path.join(folder, command)))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
