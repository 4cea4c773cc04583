// Installs what a real VS Code needs on a machine without one: code-server and its Node from npm, Chromium
// from Debian. Does nothing when it is all there. `npm test` calls it; `node scripts/vscode-host/set-up.ts` too.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import {
  browserCommands,
  codeServer,
  findBrowser,
  hostDirectory,
  hostNodeDirectory,
  hostPackages,
} from "./host-files.ts";
import { ensureSystemCommands, SetUpError } from "./system-packages.ts";

const browser = { commands: browserCommands, debianPackage: "chromium" };

/** For the two addons without prebuilt binaries. */
const compiler = ["g++", "make", "python3"].map((name) => ({
  commands: [name],
  debianPackage: name,
}));

const stampFile = path.join(hostDirectory, "ready.json");

/** @throws SetUpError when something cannot be had */
export function setUpHost(): void {
  const installed = readStamp() === stamp();
  ensureSystemCommands([
    ...(findBrowser() === undefined ? [browser] : []),
    ...(installed ? [] : compiler),
  ]);
  if (installed) return;
  console.log(`vscode-host: installing code-server into ${hostDirectory} (once, about a minute)`);
  rmSync(hostDirectory, { recursive: true, force: true });
  mkdirSync(hostDirectory, { recursive: true });
  const manifest = { name: "vscode-host", private: true, dependencies: hostPackages };
  writeFileSync(path.join(hostDirectory, "package.json"), JSON.stringify(manifest, undefined, 2));
  // No install scripts: some of them download from outside the registry.
  npm(["install", "--ignore-scripts"], hostDirectory);
  const server = path.join(codeServer, "lib/vscode");
  // `npm ci` refuses: the shrinkwrap that code-server 4.139.1 ships is out of step with its package.json.
  npm(["install", "--omit=dev", "--ignore-scripts"], server);
  // Without spdlog every output channel stays empty; the watchdog ends the extension host with its server.
  npm(["rebuild", "@vscode/spdlog", "@vscode/native-watchdog"], server);
  writeFileSync(stampFile, stamp());
}

function stamp(): string {
  return JSON.stringify(hostPackages);
}

function readStamp(): string | undefined {
  try {
    return readFileSync(stampFile, "utf8");
  } catch {
    return undefined;
  }
}

function npm(args: string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync("npm", [...args, "--no-audit", "--no-fund"], {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...process.env,
      PATH: `${path.join(hostNodeDirectory, "bin")}${path.delimiter}${process.env["PATH"] ?? ""}`,
      npm_config_nodedir: hostNodeDirectory,
      npm_config_loglevel: "error",
    },
  });
  if (status === 0) return;
  process.stderr.write(`${stdout}\n${stderr}\n`);
  throw new SetUpError(`code-server cannot be installed: npm ${args.join(" ")} failed, see above.`);
}

if (import.meta.main) {
  try {
    setUpHost();
    console.log(`vscode-host: ready in ${hostDirectory}`);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(`vscode-host: ${error.message}`);
    process.exitCode = 1;
  }
}
