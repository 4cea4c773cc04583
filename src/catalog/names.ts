/** The name under which a provider's model is listed: Open WebUI and Copilot want a tag on every one. */
export function toListedName(id: string): string {
  return hasTag(id) ? id : `${id}:latest`;
}

/** The listed name without the tag that was put to it: what people write. */
export function toPlainName(name: string): string {
  return name.replace(/:latest$/i, "");
}

/** Two names with one key mean one model: any case, with or without `:latest`. */
export function keyOf(name: string): string {
  return toListedName(name).toLowerCase();
}

/**
 * What else a name may mean: Gemini lists `models/x` and is asked for `x`; `:local` is Ollama's way to say that a
 * model is not in its cloud.
 */
export function otherSpellings(name: string): string[] {
  const local = name.replace(/:local$/i, "");
  return [`models/${name}`, ...(local === name ? [] : [local])];
}

/** Stable whatever others serve: the provider's id and the model's. */
export function qualifiedName(provider: string, modelId: string): string {
  return `${provider}/${modelId}`;
}

/** What a name says behind a provider's id; undefined where it does not begin with that. */
export function withoutProvider(name: string, provider: string): string | undefined {
  const prefix = `${provider}/`;
  return name.toLowerCase().startsWith(prefix.toLowerCase())
    ? name.slice(prefix.length)
    : undefined;
}

/** Ollama's grammar as far as it refuses: no part may be empty. Provider ids with `@`, spaces or more slashes pass. */
export function isLegalName(name: string): boolean {
  return name.split("/").every((part) => part !== "") && !/(^|\/):|:$/.test(name);
}

function hasTag(name: string): boolean {
  return name.slice(name.lastIndexOf("/") + 1).includes(":");
}
