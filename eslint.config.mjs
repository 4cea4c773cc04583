import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/", ".vscode-host/", "screenshots/"] },
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Numbers and booleans in log lines and error texts are what they look like.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "ExportDefaultDeclaration",
          message: "Export by name, so that a search finds it.",
        },
        {
          selector: "ExportAllDeclaration",
          message: "No re-exports: import from where it is made.",
        },
      ],
    },
  },
  {
    files: ["src/translate/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        "process",
        "performance",
        "fetch",
        "setTimeout",
        "setImmediate",
      ],
      "no-restricted-properties": [
        "error",
        {
          object: "Date",
          property: "now",
          message: "translate/ is pure: the clock comes as a parameter.",
        },
        {
          object: "Math",
          property: "random",
          message: "translate/ is pure: ids come as parameters.",
        },
      ],
    },
  },
  {
    files: ["src/**"],
    ignores: ["src/cli.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Only cli.ts reads the environment." },
      ],
    },
  },
  {
    // The shape of undici's own files, and of what tools want their configurations to be.
    files: ["src/upstream/undici-parts.d.ts", "*.mjs", ".*.mjs"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    // mocha's describe and it return values nobody awaits.
    files: ["test/**"],
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [{ from: "package", name: ["describe", "it"], package: "mocha" }],
        },
      ],
    },
  },
);
