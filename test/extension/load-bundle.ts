// Run in a process of its own by globals.test.ts: loads the built extension with a stub of `vscode`, lets the
// bridge answer a chat, ends it, and prints a Report.
// Usage: node load-bundle.ts <file of the bundle> <free port>
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { until } from "./until.ts";
import { userSettings } from "./vscode-stub.ts";

export interface Report {
  /** Which globals are now the bundle's own. */
  replaced: string[];
  /** Names of globals that were not there before. */
  added: string[];
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

// When Node's own `fetch` or `Request` is first used, or `node:http` imported by an ES module, Node sets undici's
// dispatcher itself, and a bundle that would have set its own goes unnoticed: none of that before the bridge is up.
const before = globalNames();
const began = performance.now();
const bundle = createRequire(import.meta.url)(file) as Bundle;
const loaded = performance.now();
bundle.activate(context());
const activated = performance.now();
await until("the open port", () => isOpen(Number(port)));
const { chat, wordsOf } = await import("./bridge-client.ts");
const lines = await chat(Number(port), "demo");
await bundle.deactivate();

const report: Report = {
  replaced: replacedGlobals(textBeside(file)),
  added: globalNames().filter((name) => !before.includes(name)),
  answer: wordsOf(lines),
  loadMs: loaded - began,
  activateMs: activated - loaded,
};
process.stdout.write(JSON.stringify(report));

async function isOpen(onPort: number): Promise<boolean> {
  const socket = connect(onPort, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
  return true;
}

/** The extension's file and those that it loads later, as one text. */
function textBeside(bundleFile: string): string {
  const folder = path.dirname(bundleFile);
  const files = readdirSync(folder).filter((name) => name.endsWith(".cjs"));
  return files.map((name) => readFileSync(path.join(folder, name), "utf8")).join("\n");
}

function globalNames(): string[] {
  return Reflect.ownKeys(globalThis).map(String);
}

/** A function whose very text stands in the bundle was put in its place by the bundle, whatever stood there before. */
function replacedGlobals(bundleText: string): string[] {
  const shared = globalThis as Record<string | symbol, { constructor: unknown } | undefined>;
  const dispatchers = [1, 2].map((version) => Symbol.for(`undici.globalDispatcher.${version}`));
  const values: [name: string, value: unknown][] = [
    ...dispatchers.map((name) => [String(name), shared[name]?.constructor] as [string, unknown]),
    ...["fetch", "Request", "Response", "Headers"].map((name): [string, unknown] => [
      name,
      shared[name],
    ]),
  ];
  return values.flatMap(([name, value]) =>
    typeof value === "function" && bundleText.includes(String(value)) ? [name] : [],
  );
}

function context(): object {
  const manifest = new URL("../../package.json", import.meta.url);
  return {
    subscriptions: [],
    // Nothing is there, and nothing is written.
    globalStorageUri: { fsPath: path.join(tmpdir(), "llama-bridge-no-storage") },
    extension: { packageJSON: JSON.parse(readFileSync(manifest, "utf8")) as unknown },
    secrets: {
      get: () => Promise.resolve(undefined),
      keys: () => Promise.resolve([]),
      onDidChange: () => ({ dispose: () => undefined }),
    },
  };
}
