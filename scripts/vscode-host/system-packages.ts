import { spawnSync } from "node:child_process";
import { findCommand } from "./host-files.ts";

/** A command from outside npm, and the Debian package that has it. */
export interface SystemCommand {
  /** Any of them will do. */
  commands: string[];
  debianPackage: string;
}

/** Something that the set-up needs and cannot get. Its message is the one line that the user sees. */
export class SetUpError extends Error {
  override readonly name = "SetUpError";
}

/**
 * Installs what is missing with apt-get where we are root and it is there.
 *
 * @throws SetUpError naming what is missing and how to get it
 */
export function ensureSystemCommands(needed: SystemCommand[]): void {
  const missing = needed.filter(({ commands }) => findCommand(commands) === undefined);
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage).join(" ");
  if (findCommand(["apt-get"]) === undefined || process.getuid?.() !== 0) {
    throw new SetUpError(
      `not found: ${packages}. To install as root on Debian: apt-get install ${packages}`,
    );
  }
  console.log(`vscode-host: installing ${packages} with apt-get`);
  aptGet(["update"], packages);
  aptGet(["install", "-y", "--no-install-recommends", ...packages.split(" ")], packages);
}

function aptGet(args: string[], packages: string): void {
  const { status, stdout, stderr } = spawnSync("apt-get", args, {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return;
  const reason = `${stdout}\n${stderr}`.split("\n").findLast((line) => /^E: /.test(line));
  throw new SetUpError(
    `${packages} cannot be had: apt-get ${args[0] ?? ""} failed${reason === undefined ? "" : ` (${reason})`}.`,
  );
}
