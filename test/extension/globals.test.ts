import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { extensions } from "vscode";
import type { Report } from "./load-bundle.ts";
import { remarks } from "./remarks.ts";
import { freePort } from "../../scripts/vscode-host/free-port.ts";
import { NODE } from "../../scripts/vscode-host/test-results.ts";

/** Node sets the dispatcher itself at the first use of `Request`; zod keeps its own affairs under names of its own. */
const harmless = /^Symbol\(undici\.globalDispatcher\.\d\)$|^__zod_/;

describe("the built bundle in a process of its own", () => {
  it("changes no global by loading, answering a chat and ending, and leaves nothing open", async () => {
    const folder = extensions.getExtension("llama-bridge.llama-bridge")?.extensionPath ?? "";
    const script = path.join(folder, "test/extension/load-bundle.ts");
    const bundle = path.join(folder, "dist/extension.cjs");
    const { stdout } = await promisify(execFile)(
      process.env[NODE] ?? "",
      [script, bundle, String(await freePort())],
      { env: { PATH: process.env["PATH"] }, timeout: 20_000 },
    );
    const { replaced, added, answer, loadMs, activateMs } = JSON.parse(stdout) as Report;
    assert.deepEqual(replaced, []);
    assert.deepEqual(
      added.filter((name) => !harmless.test(name)),
      [],
    );
    assert.ok(answer.length > 0, "the demo model said nothing");
    remarks.push(
      `a cold process loads the bundle in ${Math.round(loadMs)} ms and activates it in ${Math.round(activateMs)} ms`,
    );
  });
});
