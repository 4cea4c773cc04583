import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAX_VSIX_BYTES = 500 * 1000;

const vsce = (...args: string[]) =>
  execFileSync("node_modules/.bin/vsce", args, { encoding: "utf8", stdio: "pipe" });

describe("the packages", () => {
  it("put nothing into the VSIX but what the allow-list names", () => {
    const files = vsce("ls", "--no-dependencies").trim().split("\n").sort();
    assert.deepEqual(files, [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/bridge-service.cjs",
      "dist/extension.cjs",
      "dist/settings.cjs",
      "package.json",
    ]);
  }).timeout(60_000);

  it("keep the VSIX under 500 KB", () => {
    const folder = mkdtempSync(join(tmpdir(), "llama-bridge-vsix-"));
    try {
      const file = join(folder, "test.vsix");
      const flags = ["--allow-missing-repository", "--no-rewrite-relative-links"];
      vsce("package", "--no-dependencies", ...flags, "--out", file);
      const { size } = statSync(file);
      assert.ok(size < MAX_VSIX_BYTES, `${size} bytes`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }).timeout(60_000);

  it("put nothing into the npm package but the command line", () => {
    const report = execFileSync("npm", ["pack", "--dry-run", "--json"], {
      encoding: "utf8",
      stdio: "pipe",
    });
    const listing = JSON.parse(report) as Packed[] | Record<string, Packed>;
    const files = Object.values(listing).flatMap(({ files: packed }) => packed.map((f) => f.path));
    assert.deepEqual(files.sort(), ["LICENSE", "README.md", "dist/cli.cjs", "package.json"]);
  }).timeout(60_000);
});

interface Packed {
  files: { path: string }[];
}
