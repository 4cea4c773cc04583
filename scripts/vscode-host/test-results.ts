import { readFileSync, writeFileSync } from "node:fs";

/** What a suite wrote about itself. That it is there, whole and not empty is the only proof that tests ran. */
export interface TestResults {
  /** False until mocha has come to its end. */
  complete: boolean;
  /** The test that runs at this moment, or ran when the host died. */
  running?: string | undefined;
  tests: TestResult[];
  /** What the suite wants to tell beside its verdicts, such as a duration. */
  remarks: string[];
}

export interface TestResult {
  title: string;
  ms: number;
  /** Why it failed, with the stack; absent when it passed. */
  failure?: string | undefined;
}

/** Name of the environment variable that tells a suite where to write. */
export const RESULTS_FILE = "LLAMA_BRIDGE_TEST_RESULTS";

/** Name of the environment variable that tells a suite which Node runs the project's own scripts. */
export const NODE = "LLAMA_BRIDGE_TEST_NODE";

export function writeResults(file: string, results: TestResults): void {
  writeFileSync(file, JSON.stringify(results));
}

export function readResults(file: string): TestResults {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TestResults;
  } catch {
    return { complete: false, tests: [], remarks: [] };
  }
}

/**
 * Prints every test and, in the last line, the counts.
 *
 * @param endedWell whether the process that ran the tests ended with code 0
 * @returns whether it did, the suite came to its end, had tests, and all of them passed
 */
export function reportResults(
  { complete, running, tests, remarks }: TestResults,
  endedWell: boolean,
): boolean {
  for (const { title, ms, failure } of tests) {
    console.log(`  ${failure === undefined ? "✔" : "✘"} ${title} (${ms} ms)`);
    if (failure !== undefined) console.log(failure.replace(/^/gm, "      "));
  }
  for (const remark of remarks) console.log(`  - ${remark}`);
  const failed = tests.filter(({ failure }) => failure !== undefined).length;
  const problem = brokenOff({ complete, running, tests }) ?? unexplainedEnd(failed, endedWell);
  if (problem !== undefined) console.log(`  ✘ ${problem}`);
  const failures = failed + (problem === undefined ? 0 : 1);
  console.log(`\n${tests.length - failed} passed, ${failures} failed`);
  return failures === 0;
}

function brokenOff(results: Omit<TestResults, "remarks">): string | undefined {
  if (results.tests.length === 0) return "no test ran";
  if (!results.complete) return `the suite broke off in: ${results.running ?? "no test"}`;
  return undefined;
}

/** Failed tests explain why their process did not end well. */
function unexplainedEnd(failed: number, endedWell: boolean): string | undefined {
  return failed === 0 && !endedWell ? "all tests passed, but VS Code did not end well" : undefined;
}
