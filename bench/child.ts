import { spawn } from "node:child_process";
import { once } from "node:events";
import { within } from "../test/support/deadline.ts";

export interface Child {
  pid: number;
  /** Without a slash at the end. */
  url: string;
  stop(): Promise<void>;
}

/** Runs a script on the Node that runs the bench, until it has said where it listens. */
export async function startChild(script: string, args: string[]): Promise<Child> {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const listening = new Promise<string>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString();
      const url = /listening on (http:\S+)\n/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("error", reject);
    child.once("exit", () => {
      reject(new Error(`${script} ended before it listened`));
    });
  });
  const url = await within(`${script} listens`, listening, 10_000);
  return {
    pid: child.pid ?? NaN,
    url,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
