/** Longest message that is passed on, in characters. */
const MAX_MESSAGE = 2000;

/**
 * The sentence in a provider's error body. The shapes are those of `docs/providers`: OpenAI's, a bare
 * string, Gemini's array, OpenRouter's `metadata.raw`, FastAPI's `detail`, MiniMax's `base_resp`, HTML.
 */
export function messageIn(body: string): string {
  const text = body.trim();
  return shorten(text.startsWith("<") ? titleOf(text) : (fromJson(text) ?? text));
}

/** Whether an event of a stream, or a whole answer of status 200, reports an error. */
export function reportsError(payload: object): boolean {
  const { error, object, type, base_resp, choices } = payload as Record<string, unknown>;
  if (error !== undefined && error !== null) return true;
  if (choices !== undefined) return false;
  if (object === "error" || type === "error") return true;
  const status = (base_resp as { status_code?: unknown } | undefined)?.status_code;
  return typeof status === "number" && status !== 0;
}

function fromJson(text: string): string | undefined {
  try {
    return find(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** OpenAI names the field beside the sentence, where that does not. */
function withParameter(message: string | undefined, param: unknown): string | undefined {
  if (message === undefined || typeof param !== "string" || param === "") return message;
  return message.includes(param) ? message : `${param}: ${message}`;
}

function find(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return find(value[0]);
  if (typeof value !== "object" || value === null) return undefined;
  const body = value as Record<string, unknown>;
  return (
    rawOf(body) ??
    find(body["error"]) ??
    withParameter(find(body["message"]), body["param"]) ??
    detailOf(body["detail"]) ??
    find(body["msg"]) ??
    find(body["errors"]) ??
    find((body["base_resp"] as Record<string, unknown> | undefined)?.["status_msg"]) ??
    find(body["title"])
  );
}

/** OpenRouter wraps what the provider behind it said. */
function rawOf(body: Record<string, unknown>): string | undefined {
  const metadata = body["metadata"] as Record<string, unknown> | undefined;
  const raw = metadata?.["raw"];
  if (typeof raw !== "string" || raw === "") return undefined;
  const message = fromJson(raw) ?? raw;
  const name = metadata?.["provider_name"];
  return typeof name === "string" ? `${name}: ${message}` : message;
}

/** FastAPI: a sentence, or a list of `{loc, msg}`, of which the place names the field. */
function detailOf(detail: unknown): string | undefined {
  if (!Array.isArray(detail)) return find(detail);
  return detail
    .map((item: unknown) => {
      const place = (item as { loc?: unknown } | null)?.loc;
      const field = Array.isArray(place) ? place.filter((part) => part !== "body").join(".") : "";
      const message = find(item);
      return field !== "" && message !== undefined ? `${field}: ${message}` : message;
    })
    .filter((item) => item !== undefined)
    .join("; ");
}

function titleOf(html: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.trim();
  return `a web page came instead of an answer${title ? ` ("${title}")` : ""}. Check the base URL.`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE)}…`;
}
