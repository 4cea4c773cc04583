import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { within } from "./deadline.ts";

export interface RunningCli {
  url: string;
  port: number;
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface CliOptions {
  /** Other Node than the one that runs the tests. */
  node?: string;
  env?: Record<string, string>;
}

/** `node dist/cli.cjs serve --port 0 …` without the tester's own keys in its environment, until it is ready. */
export async function startCli(args: string[] = [], options: CliOptions = {}): Promise<RunningCli> {
  const run = spawnCli(["serve", "--port", "0", ...args], options);
  const ready = new Promise<string>((resolve, reject) => {
    run.process.stdout.on("data", () => {
      const url = /^Llama Bridge listening on (\S+)$/m.exec(run.stdout())?.[1];
      if (url !== undefined) resolve(url);
    });
    run.process.once("exit", (code) => {
      reject(new Error(`the bridge ended with ${code}: ${run.stderr()}`));
    });
  });
  const url = await within("the bridge is ready", ready, 10_000);
  return { ...run, url, port: Number(new URL(url).port) };
}

/** Runs to its end. */
export async function runCli(
  args: string[],
  options: CliOptions = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = spawnCli(args, options);
  const [code] = (await within("the command ends", once(run.process, "close"), 10_000)) as [
    number | null,
  ];
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

function spawnCli(args: string[], { node = process.execPath, env = {} }: CliOptions) {
  const child = spawn(node, ["dist/cli.cjs", ...args], {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      // Nobody's own models; nothing is written there but by the tests that make some.
      XDG_STATE_HOME: join(tmpdir(), `llama-bridge-tests-${process.pid}`),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = (await within("the bridge ends", exited, 10_000)) as [number | null];
      return code;
    },
  };
}
