import { createHash } from "node:crypto";
import type * as ollama from "../protocol/ollama.ts";
import type * as openai from "../protocol/openai.ts";
import { toListedName } from "./names.ts";

/** What is known about one model. Nothing in it is guessed except the family, which is part of the id. */
export interface ModelCard {
  /** With a tag: `gpt-4o:latest`. */
  name: string;
  /** The provider's own spelling. */
  id: string;
  provider: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Tokens; absent when the provider does not publish it. */
  contextLength: number | undefined;
  /** `owned_by` of the provider's list. */
  ownedBy: string | undefined;
  /** Ollama's words for what the model can do, as far as it is known. */
  capabilities: string[];
  /** Of `tools`, `vision` and `thinking` those that it is known not to have; the rest is unknown. */
  lacks: string[];
  /** SHA-256 over the card, 64 hexadecimal digits: clients cache by it. */
  digest: string;
}

export function toModelCard(
  { id, created, contextLength, owned_by }: openai.Model,
  { provider, startedAt }: { provider: string; startedAt: number },
): ModelCard {
  const facts = JSON.stringify([provider, id, created, contextLength]);
  return {
    name: toListedName(id),
    id,
    provider,
    modifiedAt: created !== undefined && created < YEAR_5138 ? created * 1000 : startedAt,
    contextLength,
    ownedBy: owned_by,
    capabilities: CAPABILITIES,
    lacks: [],
    digest: createHash("sha256").update(facts).digest("hex"),
  };
}

/** An entry of `/api/tags`. */
export function toListedModel(card: ModelCard): ollama.ListedModel {
  return {
    name: card.name,
    model: card.name,
    modified_at: new Date(card.modifiedAt).toISOString(),
    size: 0,
    digest: card.digest,
    details: toDetails(card),
    capabilities: CAPABILITIES,
  };
}

/** The answer of `/api/show`. */
export function toShownModel(card: ModelCard): ollama.ShownModel {
  const architecture = familyOf(card.id);
  const { contextLength } = card;
  return {
    modelfile: `# Served by Llama Bridge from the provider "${card.provider}"\nFROM ${card.name}\n`,
    ...(contextLength !== undefined && { parameters: `${"num_ctx".padEnd(30)} ${contextLength}` }),
    template: "{{ .Prompt }}",
    details: toDetails(card),
    model_info: {
      "general.architecture": architecture,
      "general.basename": card.id,
      ...(contextLength !== undefined && { [`${architecture}.context_length`]: contextLength }),
    },
    capabilities: CAPABILITIES,
    modified_at: new Date(card.modifiedAt).toISOString(),
  };
}

/** An entry of `/api/ps`. A remote model counts as wholly on the GPU. */
export function toRunningModel(card: ModelCard, expiresAt: number): ollama.RunningModel {
  return {
    name: card.name,
    model: card.name,
    size: 0,
    digest: card.digest,
    details: toDetails(card),
    expires_at: new Date(expiresAt).toISOString(),
    size_vram: 0,
    ...(card.contextLength !== undefined && { context_length: card.contextLength }),
  };
}

/** In seconds. A date behind it is in another unit, and no client could read it. */
const YEAR_5138 = 1e11;

const CAPABILITIES = ["completion"];

function toDetails({ id, contextLength }: ModelCard): ollama.ModelDetails {
  const family = familyOf(id);
  return {
    parent_model: "",
    format: "gguf",
    family,
    families: [family],
    parameter_size: "",
    quantization_level: "",
    ...(contextLength !== undefined && { context_length: contextLength }),
  };
}

/** "gpt" of "openai/gpt-4o": clients need some word to look up the context length by. */
function familyOf(id: string): string {
  const name = id.slice(id.lastIndexOf("/") + 1);
  return /^[a-z]+/.exec(name.toLowerCase())?.[0] ?? "unknown";
}
