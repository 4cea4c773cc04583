import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

/*
 * Continue's own Ollama class, unmodified, out of its npm package. The package as a whole brings databases,
 * browsers and model runtimes that the class never calls, so only its own files are fetched and bundled; what it
 * would log to is replaced, and what it sends and reads with is real.
 */

const PACKAGE = "@continuedev/core@1.1.0";
const SHA512 =
  "1swO2pQCUeVbMiDVve2Y+5WiRppbjvf3r8ZOvmRlhVGIFxFCj5eg02nQQ3G3OJuK6qtPhpZZfhNy5aj16k+Mtg==";

const FOLDER = join(import.meta.dirname, "../../node_modules/.cache/llama-bridge/continue-1.1.0");

/** Stand-ins for what is around the class: telemetry, a local database, a pool for counting tokens, OpenAI's adapters. */
const REPLACED: Record<string, string> = {
  "@continuedev/config-yaml": "exports.devDataVersionedSchemas={};exports.allDevEventNames=[];",
  "@continuedev/openai-adapters": "exports.constructLlmApi=()=>undefined;",
  "node-fetch": "module.exports={};",
  "posthog-node": "exports.PostHog=class{};",
  sqlite: "exports.open=async()=>({exec(){},run(){},all(){return[]},get(){}});",
  sqlite3: "module.exports={};",
  workerpool: "exports.pool=()=>({exec:async()=>[],terminate(){}});exports.default=exports;",
};

const replacements: Plugin = {
  name: "replacements",
  setup(bundler) {
    const filter = new RegExp(`^(${Object.keys(REPLACED).join("|")})$`);
    bundler.onResolve({ filter }, ({ path }) => ({ path, namespace: "replaced" }));
    bundler.onLoad({ filter: /.*/, namespace: "replaced" }, ({ path }) => ({
      contents: REPLACED[path] ?? "",
    }));
  },
};

/** The path of the bundle, which is made once. Fetches the package from npm's registry the first time. */
export async function continueBundle(): Promise<string> {
  const bundle = join(FOLDER, "ollama.cjs");
  if (existsSync(bundle)) return bundle;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const options = { cwd: FOLDER, encoding: "utf8" } as const;
  const tarball = execFileSync("npm", ["pack", "--silent", PACKAGE], options).trim();
  const hash = createHash("sha512")
    .update(readFileSync(join(FOLDER, tarball)))
    .digest("base64");
  if (hash !== SHA512) throw new Error(`${PACKAGE} is not what it was: its hash is ${hash}`);
  execFileSync("tar", ["xzf", tarball], options);
  const unfinished = `${bundle}.new`;
  await build({
    entryPoints: [join(FOLDER, "package/dist/llm/llms/Ollama.js")],
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile: unfinished,
    plugins: [replacements],
    logLevel: "error",
  });
  renameSync(unfinished, bundle);
  return bundle;
}
