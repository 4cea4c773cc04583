// Runs test/extension in the extension host of a real VS Code. VSCODE_E2E says which one:
//   desktop  downloads VS Code; needs a display
//   web      code-server from npm and Debian's Chromium, no other download; installs them if need be
//   auto     desktop where it can be had and shown, else web (the default)
import { cpSync, chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { runTests } from "@vscode/test-electron";
import { freePort } from "./free-port.ts";
import { hostDirectory, hostPackages, projectRoot } from "./host-files.ts";
import { consoleFile, createProfile, removeProfile } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { setUpHost } from "./set-up.ts";
import { SetUpError } from "./system-packages.ts";
import { NODE, readResults, reportResults, RESULTS_FILE } from "./test-results.ts";

const RUN_LIMIT_MS = 180_000;
const suite = path.join(projectRoot, "dist/test/extension.cjs");

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(`vscode-host: ${error.message}`);
  process.exitCode = 1;
}

async function main(): Promise<boolean> {
  for (const file of [suite, path.join(projectRoot, "dist/extension.cjs")]) {
    if (!existsSync(file)) throw new SetUpError(`${file} is missing: build first (npm run build).`);
  }
  const host = await chooseHost();
  console.log(`vscode-host: ${host.description}`);
  if (host.kind === "web") setUpHost();
  const port = await freePort();
  const profile = createProfile({ "llamaBridge.port": port });
  try {
    const executable = host.kind === "web" ? writeExecutable(profile) : undefined;
    return await runSuite(profile, executable);
  } finally {
    removeProfile(profile);
  }
}

type Host = { kind: "desktop" | "web"; description: string };

async function chooseHost(): Promise<Host> {
  const wish = process.env["VSCODE_E2E"] ?? "auto";
  const web = `code-server ${hostPackages["code-server"]} with headless Chromium`;
  switch (wish) {
    case "desktop":
      return { kind: "desktop", description: "desktop VS Code" };
    case "web":
      return { kind: "web", description: web };
    case "auto":
      if (!hasDisplay()) return { kind: "web", description: `${web} (there is no display)` };
      if (!(await canDownload())) return { kind: "web", description: `${web} (no download site)` };
      return { kind: "desktop", description: "desktop VS Code" };
    default:
      throw new SetUpError(`VSCODE_E2E is "${wish}"; it takes desktop, web or auto.`);
  }
}

function hasDisplay(): boolean {
  return (
    process.platform !== "linux" ||
    Boolean(process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"])
  );
}

async function canDownload(): Promise<boolean> {
  try {
    const address = "https://update.code.visualstudio.com/api/releases/stable";
    return (await fetch(address, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

/** @vscode/test-electron wants an executable: one line that names this Node, so that PATH does not matter. */
function writeExecutable({ home }: Profile): string {
  const file = path.join(home, "code-web");
  const script = path.join(import.meta.dirname, "web-executable.ts");
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

async function runSuite(profile: Profile, executable: string | undefined): Promise<boolean> {
  const results = path.join(profile.home, "results.json");
  const workspace = path.join(profile.home, "workspace");
  cpSync(path.join(projectRoot, "test/extension/fixture"), workspace, { recursive: true });
  const interrupt = () => process.emit("SIGINT");
  // test-electron passes SIGINT on to what it has started, and nothing else does.
  const limit = setTimeout(() => {
    console.error(`vscode-host: no end after ${RUN_LIMIT_MS} ms`);
    interrupt();
  }, RUN_LIMIT_MS);
  process.on("SIGINT", ignore).on("SIGTERM", interrupt).on("SIGHUP", interrupt);
  let endedWell = true;
  try {
    await runTests({
      ...(executable !== undefined && { vscodeExecutablePath: executable }),
      cachePath: path.join(hostDirectory, "desktop"),
      extensionDevelopmentPath: projectRoot,
      extensionTestsPath: suite,
      extensionTestsEnv: { [RESULTS_FILE]: results, [NODE]: process.execPath },
      launchArgs: [
        workspace,
        `--user-data-dir=${profile.userDataDir}`,
        `--extensions-dir=${profile.extensionsDir}`,
      ],
    });
  } catch (error) {
    endedWell = false;
    console.error(String(error));
  } finally {
    clearTimeout(limit);
    process.off("SIGINT", ignore).off("SIGTERM", interrupt).off("SIGHUP", interrupt);
  }
  const read = readResults(results);
  if (!read.complete) printConsole(profile);
  return reportResults(read, endedWell);
}

/** With a listener of ours, Ctrl+C ends the tests and not this script, which then cleans up. */
function ignore(): void {
  // test-electron's own listener does the work.
}

function printConsole({ home }: Profile): void {
  const file = path.join(home, consoleFile);
  if (existsSync(file)) console.error(readFileSync(file, "utf8").slice(-20_000));
}
