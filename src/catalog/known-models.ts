import table from "./known-models.json" with { type: "json" };

/** What is known of a model whose provider does not say it; see scripts/generate-known-models.ts. */
export interface KnownModel {
  /** Tokens; undefined when it is not known. */
  contextLength: number | undefined;
  maxOutput: number | undefined;
  vision: boolean;
  thinking: boolean;
}

type Row = [context: number, maxOutput: number, abilities: string];

const ROWS = new Map(Object.entries(table as unknown as Record<string, Row>));

/** By the last part of the id: in full, then without a variant, then without a date. Every one calls tools. */
export function knownModel(id: string): KnownModel | undefined {
  const name = id.slice(id.lastIndexOf("/") + 1).toLowerCase();
  const plain = name.replace(/[:@].*$/, "");
  const undated = plain.replace(/-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|\d{3}|latest)$/, "");
  const row = ROWS.get(name) ?? ROWS.get(plain) ?? ROWS.get(undated);
  if (!row) return undefined;
  const [context, maxOutput, abilities] = row;
  return {
    contextLength: context || undefined,
    maxOutput: maxOutput || undefined,
    vision: abilities.includes("v"),
    thinking: abilities.includes("r"),
  };
}
