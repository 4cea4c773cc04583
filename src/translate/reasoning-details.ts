/** Most entries that are kept; answers have a few. */
const MAX_DETAILS = 1000;

/** An entry of OpenRouter's `reasoning_details`; see `mergeDetails`. */
type Detail = Record<string, unknown>;

/**
 * Adds the entries of one delta to the list so far. A stream cuts an entry into pieces with one index: their
 * texts are joined and the other fields kept, so that the list can go back as the provider signed it.
 */
export function mergeDetails(list: unknown[], added: unknown): void {
  if (!Array.isArray(added)) return;
  for (const piece of added as unknown[]) {
    if (typeof piece !== "object" || piece === null) continue;
    const detail = piece as Detail;
    const last = list.at(-1) as Detail | undefined;
    if (last && continues(last, detail)) list[list.length - 1] = joined(last, detail);
    else if (list.length < MAX_DETAILS) list.push({ ...detail });
  }
}

function continues(last: Detail, next: Detail): boolean {
  return (
    last["type"] === next["type"] &&
    last["index"] === next["index"] &&
    last["signature"] === undefined &&
    next["data"] === undefined
  );
}

function joined(last: Detail, next: Detail): Detail {
  const merged: Detail = { ...last };
  for (const [key, value] of Object.entries(next)) {
    if (value === undefined || value === null) continue;
    const before = last[key];
    const isText = (key === "text" || key === "summary") && typeof value === "string";
    merged[key] = isText && typeof before === "string" ? before + value : value;
  }
  return merged;
}
