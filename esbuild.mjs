// Builds dist/: the extension and the command line; with --tests the suite that runs inside VS Code instead.
// --watch rebuilds on changes.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { build, context } from "esbuild";

/** @type {unknown} */
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { version } = /** @type {{ version: string }} */ (manifest);

/** @type {import("esbuild").BuildOptions} */
const shared = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  minify: true,
  legalComments: "none",
  define: { PRODUCT_VERSION: JSON.stringify(version) },
  logLevel: "warning",
};

/**
 * What the extension imports lazily is a file of its own, so that activation loads none of it.
 *
 * @type {import("esbuild").Plugin}
 */
const lazyFiles = {
  name: "lazy files",
  setup(bundler) {
    bundler.onResolve({ filter: /\/service\/[\w-]+\.ts$/ }, ({ kind, path }) =>
      kind === "dynamic-import"
        ? { path: `./${basename(path, ".ts")}.cjs`, external: true }
        : undefined,
    );
  },
};

/** @type {import("esbuild").BuildOptions[]} */
const product = [
  {
    ...shared,
    entryPoints: ["src/extension.ts", "src/service/bridge-service.ts", "src/service/settings.ts"],
    entryNames: "[name]",
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    external: ["vscode"],
    plugins: [lazyFiles],
    // Through require, which VS Code's host has always patched and known.
    supported: { "dynamic-import": false },
  },
  {
    ...shared,
    entryPoints: ["src/cli.ts"],
    outfile: "dist/cli.cjs",
    banner: { js: "#!/usr/bin/env node" },
  },
];

/** @type {import("esbuild").BuildOptions[]} */
const tests = [
  {
    ...shared,
    entryPoints: ["test/extension/index.ts"],
    outfile: "dist/test/extension.cjs",
    external: ["vscode", "mocha"],
    minify: false,
  },
];

const bundles = process.argv.includes("--tests") ? tests : product;
if (process.argv.includes("--watch")) {
  for (const bundle of bundles) await (await context(bundle)).watch();
} else {
  await Promise.all(bundles.map((bundle) => build(bundle)));
}
