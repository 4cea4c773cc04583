import { createHash } from "node:crypto";
import type * as openai from "../protocol/openai.ts";
import { knownModel } from "./known-models.ts";
import { toListedName } from "./names.ts";

/** An ability that a model may be known to have, known to lack, or neither. */
export type Ability = "tools" | "vision" | "thinking";

/** What is known about one model: what its provider publishes, then what the table of known models says. */
export interface ModelCard {
  /** With a tag: `gpt-4o:latest`. */
  name: string;
  /** The provider's own spelling. */
  id: string;
  provider: string;
  /** `owned_by` of the provider's list. */
  ownedBy: string | undefined;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Tokens; absent when nobody knows. */
  contextLength: number | undefined;
  maxOutput: number | undefined;
  /** Ollama's words for what the model can do. */
  capabilities: string[];
  /** What it is known not to have; such requests are refused before they are sent. */
  lacks: Ability[];
  /** SHA-256 over the card, 64 hexadecimal digits: clients cache by it. */
  digest: string;
  price: openai.Price | undefined;
  /** What a real Ollama says of it. */
  listed: openai.Model["listed"];
}

export function toModelCard(
  model: openai.Model,
  { provider, startedAt }: { provider: string; startedAt: number },
): ModelCard {
  const { id, created, owned_by, price, listed } = model;
  const listedAt = Date.parse(listed?.modified_at ?? "");
  const abilities = abilitiesOf(model);
  const known = knownModel(id);
  const facts = {
    provider,
    ownedBy: owned_by,
    contextLength: model.contextLength ?? known?.contextLength,
    maxOutput: model.maxOutput ?? known?.maxOutput,
    capabilities: capabilitiesOf(model, abilities),
  };
  return {
    name: toListedName(id),
    id,
    ...facts,
    lacks: ABILITIES.filter((ability) => abilities[ability] === false),
    modifiedAt:
      listedAt || (created !== undefined && created < YEAR_5138 ? created * 1000 : startedAt),
    digest: listed?.digest ?? digestOf([id, created, facts]),
    price,
    listed,
  };
}

/** SHA-256 in 64 hexadecimal digits. */
export function digestOf(facts: unknown): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

/** In seconds. A date behind it is in another unit, and no client could read it. */
const YEAR_5138 = 1e11;

const ABILITIES: Ability[] = ["tools", "vision", "thinking"];

/** The table knows only models that call tools; it is asked where the provider is silent. */
function abilitiesOf(model: openai.Model): Partial<Record<Ability, boolean | undefined>> {
  const known = knownModel(model.id);
  return {
    tools: model.tools ?? (known && true),
    vision: model.vision ?? known?.vision,
    thinking: model.thinking ?? known?.thinking,
  };
}

/**
 * Models that chat are given the benefit of the doubt for tools, since clients hide them otherwise, and all but the
 * demo model can fill holes: where there is no better way, by a chat about it.
 */
function capabilitiesOf(
  { embedding, fim, listed }: openai.Model,
  { tools, vision, thinking }: Partial<Record<Ability, boolean | undefined>>,
): string[] {
  if (listed?.capabilities) return listed.capabilities;
  if (embedding) return ["embedding"];
  return [
    "completion",
    ...(tools === false ? [] : ["tools"]),
    ...(fim === false ? [] : ["insert"]),
    ...(vision ? ["vision"] : []),
    ...(thinking ? ["thinking"] : []),
  ];
}
