import type { Client } from "./client.ts";
import type { Contender, ContenderName, RunningContender } from "./contenders.ts";
import type { Measure } from "./measures.ts";

/** Per contender one value for each round. */
export type Rounds = Partial<Record<ContenderName, number[]>>;

export interface Stage {
  client: Client;
  providerUrl: string;
  all: Record<ContenderName, Contender>;
  running: Record<ContenderName, RunningContender>;
}

/** Each contender in turn, round by round, after one round that does not count. */
export async function runRounds(measure: Measure, stage: Stage): Promise<Rounds> {
  await stage.client.setScript(stage.providerUrl, measure.script);
  const values: Rounds = {};
  for (let round = measure.fresh ? 1 : 0; round <= measure.rounds; round++) {
    for (const name of measure.contenders) {
      const value = await sampleOnce(measure, name, stage);
      if (round > 0) (values[name] ??= []).push(value);
    }
  }
  return values;
}

async function sampleOnce(
  { fresh, sample }: Measure,
  name: ContenderName,
  { client, providerUrl, all, running }: Stage,
): Promise<number> {
  if (!fresh) return sample(client, running[name]);
  const child = await all[name].launch(providerUrl);
  try {
    return await sample(client, { ...all[name], child });
  } finally {
    await child.stop();
  }
}
