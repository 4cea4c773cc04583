import Mocha from "mocha";
import type { TestResult, TestResults } from "./test-results.ts";

/** The class itself on Node 24; on Node 22 a bundle gets the ES module, with the class as its default. */
const MochaClass = "default" in Mocha ? (Mocha.default as typeof Mocha) : Mocha;

/** A mocha whose only reporter is `followRun`; modules with tests are imported once it is there. */
export function createMocha(options: Mocha.MochaOptions): Mocha {
  const reporter = silent as unknown as Mocha.ReporterConstructor;
  const mocha = new MochaClass({ ui: "bdd", forbidOnly: true, ...options, reporter });
  // Makes describe and it global. Mocha does so for files it loads itself, which a bundle is not.
  mocha.suite.emit(MochaClass.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, "", mocha);
  return mocha;
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
