import type * as ollama from "../protocol/ollama.ts";
import type { ModelCard } from "./model-card.ts";
import { toPlainName } from "./names.ts";
import type { Preset } from "./stored-models.ts";

/** An entry of `/api/tags`. */
export function toListedModel(card: ModelCard): ollama.ListedModel {
  return {
    name: card.name,
    model: card.name,
    modified_at: card.listed?.modified_at || new Date(card.modifiedAt).toISOString(),
    size: card.listed?.size ?? 0,
    digest: card.digest,
    details: (card.listed?.details as ollama.ModelDetails | undefined) ?? toDetails(card),
    capabilities: card.capabilities,
  };
}

export interface ShowOptions {
  /** Instead of its listed name: Copilot shows it, and two of one name look the same there. */
  basename?: string | undefined;
  preset?: Preset | undefined;
}

/** The answer of `/api/show`. */
export function toShownModel(
  card: ModelCard,
  { basename = toPlainName(card.name), preset = {} }: ShowOptions = {},
): ollama.ShownModel {
  const architecture = familyOf(card.id);
  const { contextLength, name, provider } = card;
  const parameters = toParameterLines(contextLength, preset.parameters ?? {});
  const from = preset.from ?? name;
  const system = preset.system ? `SYSTEM """${preset.system}"""\n` : "";
  return {
    modelfile: `# Served by Llama Bridge from the provider "${provider}"\nFROM ${from}\n${system}`,
    ...(parameters !== "" && { parameters }),
    template: toTemplate(card.capabilities),
    ...(preset.system && { system: preset.system }),
    details: toDetails(card),
    model_info: {
      "general.architecture": architecture,
      "general.basename": basename,
      ...(contextLength !== undefined && { [`${architecture}.context_length`]: contextLength }),
    },
    capabilities: card.capabilities,
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

/** Continue reads `num_ctx` here and assumes 8192 without it. */
function toParameterLines(
  contextLength: number | undefined,
  parameters: Record<string, unknown>,
): string {
  const all = { ...(contextLength !== undefined && { num_ctx: contextLength }), ...parameters };
  return Object.entries(all)
    .flatMap(([key, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => line(key, one)),
    )
    .join("\n");
}

function line(key: string, value: unknown): string {
  return `${key.padEnd(30)} ${typeof value === "string" ? JSON.stringify(value) : String(value)}`;
}

/** Clients look for the variables: Continue for `.Suffix`, litellm for `.Tools`. Nobody runs it. */
function toTemplate(capabilities: readonly string[]): string {
  const has = (capability: string) => capabilities.includes(capability);
  if (!has("completion")) return "{{ .Prompt }}";
  return [
    has("insert") ? "{{- if .Suffix }}{{ .Prompt }}{{ .Suffix }}{{ else }}" : "",
    "{{ .System }}",
    has("tools") ? "{{ .Tools }}" : "",
    "{{ .Prompt }}",
    has("insert") ? "{{ end }}" : "",
  ].join("");
}

function toDetails({ id, contextLength }: ModelCard): ollama.ModelDetails {
  const family = familyOf(id);
  return {
    parent_model: "",
    format: "gguf",
    family,
    families: [family],
    parameter_size: parameterSizeIn(id),
    quantization_level: "",
    ...(contextLength !== undefined && { context_length: contextLength }),
  };
}

/** "gpt" of "openai/gpt-4o": clients need some word to look up the context length by. */
function familyOf(id: string): string {
  const name = id.slice(id.lastIndexOf("/") + 1);
  return /^[a-z]+/.exec(name.toLowerCase())?.[0] ?? "unknown";
}

/** "70B" of "llama-3.3-70b-instruct", where the name says it. */
function parameterSizeIn(id: string): string {
  return /(?:^|[-_:])(\d+(?:\.\d+)?[bm])(?![a-z0-9])/i.exec(id)?.[1]?.toUpperCase() ?? "";
}
