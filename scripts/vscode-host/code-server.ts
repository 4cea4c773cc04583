import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { codeServerEntry, hostNode } from "./host-files.ts";
import type { Profile } from "./profile.ts";

export interface CodeServerOptions {
  profile: Profile;
  /** For code-server and everything it starts, the extension host included. */
  env?: Record<string, string | undefined>;
  /** Further arguments of code-server. */
  args?: string[];
}

export interface CodeServer {
  port: number;
  close: () => Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/** Starts code-server on a free port of 127.0.0.1. Fails with its output if it does not come up. */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  const server = launch(options, [
    ...["--auth", "none", "--bind-addr", "127.0.0.1:0"],
    // How long an extension host outlives its window: three hours unless told.
    ...["--reconnection-grace-time", "5"],
    ...["--disable-telemetry", "--disable-update-check"],
    ...["--disable-workspace-trust", "--disable-getting-started-override"],
    ...(options.args ?? []),
  ]);
  const output = collectOutput(server);
  try {
    return { port: await listeningPort(server, output), close: () => end(server) };
  } catch (cause) {
    await end(server);
    throw new Error(`code-server did not start:\n${output.text}`, { cause });
  }
}

/** Installs a VSIX into the profile, as `code --install-extension` does. */
export async function installExtension(options: CodeServerOptions, vsix: string): Promise<void> {
  const installer = launch(options, ["--install-extension", vsix]);
  const output = collectOutput(installer);
  await once(installer, "close");
  if (installer.exitCode !== 0) throw new Error(`${vsix} cannot be installed:\n${output.text}`);
}

function launch({ profile, env }: CodeServerOptions, args: string[]): ChildProcess {
  const home = profile.home;
  const places = [
    ...["--user-data-dir", profile.userDataDir],
    ...["--extensions-dir", profile.extensionsDir],
    ...["--config", path.join(home, "code-server.yaml")],
  ];
  const child = spawn(hostNode, [codeServerEntry, ...places, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...inheritedEnvironment(),
      ...env,
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, "config"),
      XDG_DATA_HOME: path.join(home, "share"),
      // Its sockets stay behind.
      TMPDIR: home,
      XDG_RUNTIME_DIR: home,
      // No marketplace: nothing is asked of another machine.
      EXTENSIONS_GALLERY: "{}",
    },
  });
  const last = () => child.kill("SIGKILL");
  process.once("exit", last);
  child.once("exit", () => process.off("exit", last));
  return child;
}

/** Ours without what would make code-server believe that it runs inside VS Code, npm or Electron. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(VSCODE_|npm_|ELECTRON_|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

interface Output {
  text: string;
}

function collectOutput(child: ChildProcess): Output {
  const output: Output = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => (output.text += chunk));
  }
  return output;
}

function listeningPort(server: ChildProcess, output: Output): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      reject(new Error(`not listening after ${START_LIMIT_MS} ms`));
    }, START_LIMIT_MS);
    server.once("exit", (code) => {
      clearTimeout(limit);
      reject(new Error(`ended with code ${code ?? "none"}`));
    });
    server.once("error", reject);
    server.stdout?.on("data", () => {
      const port = /HTTP server listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(output.text)?.[1];
      if (port === undefined) return;
      clearTimeout(limit);
      resolve(Number(port));
    });
  });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, "exit");
  server.kill("SIGTERM");
  const limit = setTimeout(() => server.kill("SIGKILL"), STOP_LIMIT_MS);
  await gone;
  clearTimeout(limit);
}
