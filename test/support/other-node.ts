import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";

export interface NodeProgram {
  path: string;
  /** With its `v`, as `node --version` writes it. */
  version: string;
}

/** The first Node on the PATH that npm did not put there, if the product supports it and it is not the tests' own. */
export function findOtherNode(): NodeProgram | undefined {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    if (directory.includes("node_modules")) continue;
    const path = join(directory, "node");
    const version = versionOf(path);
    if (version === undefined || version === process.version) continue;
    return isSupported(version) ? { path, version } : undefined;
  }
  return undefined;
}

function versionOf(path: string): string | undefined {
  try {
    return execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
  } catch {
    // No Node in this directory.
    return undefined;
  }
}

/** `engines.node`: 20.18 or later. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 18);
}
