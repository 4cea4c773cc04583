import { remarks } from "./remarks.ts";
import { createMocha, followRun } from "../../scripts/vscode-host/mocha-results.ts";
import { RESULTS_FILE, writeResults } from "../../scripts/vscode-host/test-results.ts";

/** Called by VS Code inside its extension host. Fails if a test does. */
export async function run(): Promise<void> {
  const file = process.env[RESULTS_FILE];
  if (file === undefined) throw new Error(`${RESULTS_FILE} does not say where the results go`);
  const mocha = createMocha({ timeout: 30_000 });
  await import("./start.test.ts");
  await import("./chat.test.ts");
  await import("./many-providers.test.ts");
  await import("./port.test.ts");
  await import("./failure.test.ts");
  await import("./hostile-folder.test.ts");
  await import("./globals.test.ts");
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    followRun(runner, (results) => {
      writeResults(file, { ...results, remarks });
    });
  });
  if (failures > 0) throw new Error(`${failures} failed`);
}
