import Mocha from "mocha";
import type { TestResult, TestResults } from "./test-results.ts";

/** A mocha whose only reporter is `followRun`. Each wait inside a test has its own, shorter limit. */
export function createMocha(options: Mocha.MochaOptions): Mocha {
  const reporter = silent as unknown as Mocha.ReporterConstructor;
  return new Mocha({ ui: "bdd", forbidOnly: true, ...options, reporter });
}

function silent(): void {
  // Called by mocha in place of a reporter's constructor.
}

/** Follows a mocha run and hands on the results so far whenever they change, the last time with `complete`. */
export function followRun(
  runner: Mocha.Runner,
  onChange: (results: Omit<TestResults, "remarks">) => void,
): void {
  const tests: TestResult[] = [];
  const tell = (rest: { complete: boolean; running?: string }) => {
    onChange({ tests, ...rest });
  };
  runner.on("test", (test) => {
    tell({ complete: false, running: test.fullTitle() });
  });
  runner.on("pass", (test) => {
    tests.push({ title: test.fullTitle(), ms: test.duration ?? 0 });
  });
  // Hooks fail under their own title, with no test begun.
  runner.on("fail", (test, error: unknown) => {
    tests.push({ title: test.fullTitle(), ms: test.duration ?? 0, failure: describe(error) });
    tell({ complete: false });
  });
  runner.on("pending", (test) => {
    tests.push({ title: test.fullTitle(), ms: 0, failure: "skipped: every test must run" });
  });
  runner.on("end", () => {
    tell({ complete: true });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
