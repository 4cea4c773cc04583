// Stands in for VS Code's desktop executable: takes the arguments that @vscode/test-electron passes, runs the
// suite in code-server's extension host with its workbench in headless Chromium, and exits with the host's code.
import { appendFileSync } from "node:fs";
import path from "node:path";
import { format, parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { openBrowserWindow } from "./browser.ts";
import { startCodeServer } from "./code-server.ts";
import { createOwned } from "./owned.ts";
import { consoleFile } from "./profile.ts";

const UNUSABLE = 70;
const CRASHED = 71;

const { values, positionals } = parseArgs({ strict: false, allowPositionals: true });

function argument(name: string): string {
  const value = values[name];
  if (typeof value !== "string") throw new Error(`--${name}=… is missing`);
  return path.resolve(value);
}

const owned = createOwned();
// Our parent holds the other end of stdin: when it dies without a word, so do we.
const orphaned = () => {
  void owned.closeAll().then(() => process.exit(UNUSABLE));
};
process.stdin.resume().once("close", orphaned);
process.exitCode = UNUSABLE;
try {
  process.exitCode = await runSuite();
} finally {
  await owned.closeAll();
  process.stdin.off("close", orphaned).destroy();
}

async function runSuite(): Promise<number> {
  const userDataDir = argument("user-data-dir");
  const profile = {
    home: path.dirname(userDataDir),
    userDataDir,
    extensionsDir: argument("extensions-dir"),
  };
  const server = await startCodeServer({
    profile,
    // Without it a built workbench ignores extensions under development (between VS Code 1.117 and 1.133 that changed).
    args: ["--vscode-option", "enable-smoke-test-driver"],
  });
  owned.add(server.close);
  const { page, close } = await openBrowserWindow(profile);
  owned.add(close);
  return extensionHostExit({
    page,
    address: workbenchAddress(server.port),
    log: path.join(profile.home, consoleFile),
  });
}

interface Watched {
  page: Page;
  address: string;
  /** Takes what the host says meanwhile, and its log files at the end. */
  log: string;
}

/** Opens the workbench and waits for the code with which its extension host ends. */
function extensionHostExit({ page, address, log }: Watched): Promise<number> {
  return new Promise((resolve, reject) => {
    const open = async () => {
      await page.exposeFunction("codeAutomationLog", (_severity: string, words: unknown[]) => {
        appendFileSync(log, `${format(...words)}\n`);
      });
      await page.exposeFunction("codeAutomationExit", (code: number, files: LogFile[] = []) => {
        for (const { relativePath, contents } of files) {
          appendFileSync(log, `--- ${relativePath}\n${contents.slice(-4000)}\n`);
        }
        resolve(code);
      });
      page.once("crash", () => {
        resolve(CRASHED);
      });
      await page.goto(address);
    };
    open().catch(reject);
  });
}

interface LogFile {
  relativePath: string;
  contents: string;
}

function workbenchAddress(port: number): string {
  const remote = (name: string) => `vscode-remote://127.0.0.1:${port}${encodeURI(argument(name))}`;
  const names = ["extensionDevelopmentPath", "extensionTestsPath"];
  const address = new URL(`http://127.0.0.1:${port}/`);
  address.searchParams.set("folder", path.resolve(positionals[0] ?? "."));
  address.searchParams.set("payload", JSON.stringify(names.map((name) => [name, remote(name)])));
  return address.href;
}
