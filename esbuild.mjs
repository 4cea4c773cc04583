// Builds dist/: the extension and the command line; with --tests the suite that runs inside VS Code instead.
// --watch rebuilds on changes.
import { readFileSync } from "node:fs";
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

/** @type {import("esbuild").BuildOptions[]} */
const product = [
  {
    ...shared,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.cjs",
    external: ["vscode"],
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
