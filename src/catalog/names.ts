/** The name under which a provider's model is listed: Open WebUI and Copilot want a tag on every one. */
export function toListedName(id: string): string {
  return hasTag(id) ? id : `${id}:latest`;
}

/** Whether a name that a client sends means this model: any case, with or without `:latest`. */
export function isNamed(id: string, name: string): boolean {
  return toListedName(id).toLowerCase() === toListedName(name).toLowerCase();
}

/** The provider's own spelling of a name that no list knows. */
export function toModelId(name: string): string {
  return name.replace(/:latest$/i, "");
}

/** Ollama's grammar as far as it refuses: no part may be empty. Provider ids with `@`, spaces or more slashes pass. */
export function isLegalName(name: string): boolean {
  return name.split("/").every((part) => part !== "") && !/(^|\/):|:$/.test(name);
}

function hasTag(name: string): boolean {
  return name.slice(name.lastIndexOf("/") + 1).includes(":");
}
