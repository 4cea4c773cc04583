/*
 * Writes what is derived from the tables of settings and commands: package.json's `contributes` and
 * the README's tables of settings and providers. With `--check` it writes nothing and fails if either has drifted.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { COMMAND_CATEGORY, commandTitles } from "../src/host/command-ids.ts";
import { describeSettings } from "../src/service/settings.ts";
import type { SettingDescription } from "../src/service/settings.ts";
import type { FimStrategy } from "../src/protocol/dialect.ts";
import { isLoopbackHost } from "../src/upstream/base-url.ts";
import { PRESET_NAMES, presetOf, type Preset } from "../src/upstream/presets.ts";

/** The text of package.json with `contributes` as the tables say, formatted as Prettier does. */
export function withContributions(packageJson: string): string {
  const manifest = JSON.parse(packageJson) as Record<string, unknown>;
  const contributes = { commands: commands(), configuration: configuration() };
  return JSON.stringify({ ...manifest, contributes }, undefined, 2) + "\n";
}

/**
 * The text of README.md with the tables of settings and providers between their markers.
 *
 * @throws Error if a marker is missing
 */
export function withTables(readme: string): string {
  const withProviders = withTable(readme, { name: "providers", table: providersTable() });
  return withTable(withProviders, { name: "settings", table: settingsTable() });
}

function withTable(readme: string, { name, table }: { name: string; table: string }): string {
  const [first, last] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const start = readme.indexOf(first);
  const end = readme.indexOf(last);
  if (start < 0 || end < start) {
    throw new Error(`README.md needs the lines ${first} and ${last}, in this order.`);
  }
  return `${readme.slice(0, start + first.length)}\n\n${table}\n\n${readme.slice(end)}`;
}

function providersTable(): string {
  const rows = PRESET_NAMES.map((name) => {
    const preset = presetOf(name);
    const { title, baseUrl, example = "", evidence } = preset;
    const address = baseUrl ?? example;
    const isLocal = isLoopbackHost(new URL(address).hostname);
    const key = isLocal ? "only if the server wants one" : KEY_PLACES[preset.auth];
    const { thinking, structured } = preset.quirks;
    const cells = [
      `\`${name}\``,
      title,
      `\`${address}\``,
      key,
      thinking?.kind === "none" ? "the model decides" : "on request",
      ["json-only", "none"].includes(structured ?? "") ? "asked for in words" : "sent",
      holes(preset),
      evidence,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "<!-- prettier-ignore -->",
    "| `preset` | Provider | Base URL | Key goes to | Thinking | Schemas | Holes in code | Rests on |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

const KEY_PLACES = {
  bearer: "`Authorization`",
  "api-key": "`api-key`",
  "x-api-key": "`x-api-key`",
};

const HOLES: Record<FimStrategy, string> = {
  fim: "`/fim/completions`",
  beta: "`/beta/completions`",
  suffix: "`suffix`",
  infill: "`/infill`",
  tokens: "the model's tokens",
  chat: "a chat",
};

/** The best way, and that there is always another one. */
function holes({ quirks: { fim = ["suffix"] } }: Preset): string {
  const [best = "chat"] = fim;
  return best === "chat" ? HOLES.chat : `${HOLES[best]}, else ${HOLES.chat}`;
}

function commands() {
  return Object.entries(commandTitles).map(([command, title]) => ({
    command,
    title,
    category: COMMAND_CATEGORY,
  }));
}

function configuration() {
  const shown = describeSettings().filter(({ meta }) => meta.only !== "cli");
  const properties = Object.fromEntries(
    shown.map((setting) => [`llamaBridge.${setting.key}`, property(setting)]),
  );
  return { title: COMMAND_CATEGORY, properties };
}

/** About one machine: the same value need not be free or present on another. */
const notSynced = new Set(["host", "port"]);

function property({ key, schema, meta }: SettingDescription) {
  return {
    ...schema,
    // Each can move a key, a request or the listener, so none may come from a folder.
    scope: "application",
    ...(notSynced.has(key) && { ignoreSync: true }),
    order: meta.order,
    markdownDescription: meta.markdownDescription,
  };
}

function settingsTable(): string {
  const rows = describeSettings().map(({ key, schema, meta }) => {
    const cells = [`\`${key}\``, defaultText(schema), meta.markdownDescription, readers(meta.only)];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [
    // Padded to the longest description, the table would be unreadable as text.
    "<!-- prettier-ignore -->",
    "| Setting | Default | Meaning | Read by |",
    "| --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function defaultText(schema: SettingDescription["schema"]): string {
  return "default" in schema ? `\`${JSON.stringify(schema["default"])}\`` : "none";
}

function readers(only: SettingDescription["meta"]["only"]): string {
  if (only === "vscode") return "VS Code";
  return only === "cli" ? "CLI" : "VS Code, CLI";
}

/** True if the file was as it should be. */
function update(name: string, derive: (text: string) => string, isCheck: boolean): boolean {
  const file = new URL(`../${name}`, import.meta.url);
  if (!existsSync(file)) throw new Error(`${name} does not exist yet: write it first.`);
  const text = readFileSync(file, "utf8");
  const derived = derive(text);
  if (derived === text) return true;
  if (!isCheck) writeFileSync(file, derived);
  console.error(
    isCheck ? `${name} has drifted: run this script without --check` : `${name} written`,
  );
  return false;
}

if (import.meta.main) {
  const isCheck = process.argv.includes("--check");
  const isCurrent = [
    update("package.json", withContributions, isCheck),
    update("README.md", withTables, isCheck),
  ].every(Boolean);
  if (isCheck && !isCurrent) process.exitCode = 1;
}
