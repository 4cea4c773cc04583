// Run in a process of its own by globals.test.ts: loads the built extension with a stub of `vscode`, lets the
// bridge answer a chat, ends it, and prints a Report.
// Usage: node load-bundle.ts <file of the bundle> <free port>
import { readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { chat, wordsOf } from "./bridge-client.ts";
import { until } from "./until.ts";
import { userSettings } from "./vscode-stub.ts";

export interface Report {
  /** Which of the watched globals are no longer what they were. */
  changed: string[];
  /** What the demo model said. */
  answer: string;
  loadMs: number;
  activateMs: number;
}

interface Bundle {
  activate(context: object): void;
  deactivate(): Promise<void> | undefined;
}

const [file = "", port = ""] = process.argv.slice(2);
userSettings["port"] = Number(port);

registerHooks({
  resolve: (name, context, next) =>
    name === "vscode"
      ? { url: new URL("vscode-stub.ts", import.meta.url).href, shortCircuit: true }
      : next(name, context),
});

// No `fetch` here: its first call sets undici's dispatcher.
const before = readGlobals();
const began = performance.now();
const bundle = createRequire(import.meta.url)(file) as Bundle;
const loaded = performance.now();
bundle.activate(context());
const activated = performance.now();
const lines = await until("an answer", () => chat(Number(port), "demo"));
await bundle.deactivate();
const after = readGlobals();

const report: Report = {
  changed: [...after.keys()].filter((name) => after.get(name) !== before.get(name)),
  answer: wordsOf(lines),
  loadMs: loaded - began,
  activateMs: activated - loaded,
};
process.stdout.write(JSON.stringify(report));

/** What extensions share with each other and with VS Code. */
function readGlobals(): Map<string, unknown> {
  const shared = globalThis as Record<string | symbol, unknown>;
  return new Map([
    ["undici.globalDispatcher.1", shared[Symbol.for("undici.globalDispatcher.1")]],
    ["undici.globalDispatcher.2", shared[Symbol.for("undici.globalDispatcher.2")]],
    ...["Request", "Response", "Headers", "fetch"].map((name) => [name, shared[name]] as const),
    ["the names of all globals", Reflect.ownKeys(globalThis).map(String).sort().join()],
  ]);
}

function context(): object {
  const manifest = new URL("../../package.json", import.meta.url);
  return {
    subscriptions: [],
    extension: { packageJSON: JSON.parse(readFileSync(manifest, "utf8")) as unknown },
    secrets: {
      get: () => Promise.resolve(undefined),
      keys: () => Promise.resolve([]),
      onDidChange: () => ({ dispose: () => undefined }),
    },
  };
}
