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
 * @returns whether the suite came to its end, had tests, and all of them passed
 */
export function reportResults({ complete, running, tests, remarks }: TestResults): boolean {
  for (const { title, ms, failure } of tests) {
    console.log(`  ${failure === undefined ? "✔" : "✘"} ${title} (${ms} ms)`);
    if (failure !== undefined) console.log(failure.replace(/^/gm, "      "));
  }
  for (const remark of remarks) console.log(`  - ${remark}`);
  if (tests.length === 0) console.log("  ✘ no test ran");
  else if (!complete) console.log(`  ✘ the suite broke off in: ${running ?? "no test"}`);
  const failed = tests.filter(({ failure }) => failure !== undefined).length;
  const broken = complete && tests.length > 0 ? 0 : 1;
  console.log(`\n${tests.length - failed} passed, ${failed + broken} failed`);
  return failed + broken === 0;
}
