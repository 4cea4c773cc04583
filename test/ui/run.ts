// Walks through the packaged extension in a window of code-server, as a person would. `npm run test:ui` packages it
// first. The pictures lie in screenshots/ afterwards.
import { existsSync } from "node:fs";
import { packagedExtension } from "./window.ts";
import { createMocha, followRun } from "../../scripts/vscode-host/mocha-results.ts";
import { setUpHost } from "../../scripts/vscode-host/set-up.ts";
import { SetUpError } from "../../scripts/vscode-host/system-packages.ts";
import { reportResults } from "../../scripts/vscode-host/test-results.ts";
import type { TestResults } from "../../scripts/vscode-host/test-results.ts";
import { remarks } from "../extension/remarks.ts";

try {
  if (!existsSync(packagedExtension)) {
    throw new SetUpError(`${packagedExtension} is missing: package first (npm run package).`);
  }
  setUpHost();
  // Whatever a broken step has left open ends with this process.
  process.exit((await walk()) ? 0 : 1);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(`vscode-host: ${error.message}`);
  process.exitCode = 1;
}

/** Each step starts where the one before has ended, so the first failure is the last step. */
async function walk(): Promise<boolean> {
  const mocha = createMocha({ timeout: 90_000, bail: true });
  await import("./walk.test.ts");
  let results: Omit<TestResults, "remarks"> = { complete: false, tests: [] };
  await new Promise((resolve) => {
    const runner = mocha.run(resolve);
    followRun(runner, (now) => {
      results = now;
    });
  });
  return reportResults({ ...results, remarks }, true);
}
