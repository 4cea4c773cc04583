import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startChild, type Child } from "./child.ts";
import { createClient, type Client } from "./client.ts";
import { createContenders, type ContenderName, type RunningContender } from "./contenders.ts";
import { createMeasures } from "./measures.ts";
import { toResult, toTable, type Result } from "./report.ts";
import { runRounds, type Stage } from "./rounds.ts";

// npm run bench -- [--quick] [--only WORD] [--json FILE] [--bridge BUNDLE]
// Goals that are missed do not fail the run: machines are shared. Lost or wrong text does.

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    json: { type: "string" },
    bridge: { type: "string", default: pathOf("../dist/cli.cjs") },
  },
});

const VERIFIED_CHUNKS = 1000;

await main();

async function main(): Promise<void> {
  const provider = await startChild(pathOf("provider.ts"), []);
  const client = createClient();
  const children = [provider];
  try {
    const all = createContenders(flags.bridge);
    const running = {} as Record<ContenderName, RunningContender>;
    for (const contender of Object.values(all)) {
      const child = await contender.launch(provider.url);
      children.push(child);
      running[contender.name] = { ...contender, child };
    }
    await verify(running, { client, provider });
    await measure({ client, providerUrl: provider.url, all, running });
  } finally {
    await client.close();
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** Nobody's speed counts who does not deliver the text. */
async function verify(
  running: Record<ContenderName, RunningContender>,
  { client, provider }: { client: Client; provider: Child },
): Promise<void> {
  for (const eventsPerWrite of [1, 8]) {
    const script = { chunks: VERIFIED_CHUNKS, eventsPerWrite, intervalMs: 0 };
    await client.setScript(provider.url, script);
    for (const contender of Object.values(running)) await client.verify(contender, VERIFIED_CHUNKS);
  }
}

async function measure(stage: Stage): Promise<void> {
  const effort = flags.quick ? { rounds: 0.1, size: 0.1 } : { rounds: 1, size: 1 };
  const results: Result[] = [];
  for (const measure of createMeasures(effort)) {
    if (!measure.title.includes(flags.only)) continue;
    process.stderr.write(`${measure.title} ...\n`);
    try {
      results.push(toResult(measure, await runRounds(measure, stage)));
    } catch (error) {
      process.exitCode = 1;
      console.error(error);
    }
  }
  process.stdout.write(`${toTable(results)}\n`);
  if (flags.json !== undefined) await writeFile(flags.json, JSON.stringify(results, null, 2));
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
