import { BridgeError, type BridgeErrorCode } from "../base/errors.ts";
import { tryUrl } from "../base/url.ts";
import { messageIn } from "./error-body.ts";

export interface Refusal {
  status: number;
  /** At most the first 64 KiB. */
  body: string;
  retryAfter?: string | undefined;
  /** Where a redirect wanted to go. */
  location?: string | undefined;
  provider: string;
  /** Whether a key was sent along. */
  hadKey: boolean;
  redact: (text: string) => string;
}

/** A provider's answer that is not a success, in one sentence and with a code that decides our status. */
export function failureFromResponse(refusal: Refusal): BridgeError {
  const { status, provider, retryAfter } = refusal;
  const options = { upstreamStatus: status, ...(retryAfter !== undefined && { retryAfter }) };
  return new BridgeError(codeFor(status), `${provider}: ${explain(refusal)}`, options);
}

function explain(refusal: Refusal): string {
  const { status, body, location, provider, hadKey, redact } = refusal;
  if (300 <= status && status < 400) {
    const target = location === undefined ? undefined : tryUrl(location);
    return `the base URL redirects${target ? ` to ${target.origin}` : ""} (HTTP ${status}). Set the base URL to where the API is.`;
  }
  const message = redact(messageIn(body)) || "no message";
  if (status === 401 && !hadKey) {
    return `no API key is set. Set one for "${provider}" and try again. (HTTP 401: ${message})`;
  }
  if (status === 401) {
    return `the API key was refused. Set a valid one for "${provider}". (HTTP 401: ${message})`;
  }
  return `${message} (HTTP ${status})`;
}

const CODES: Record<number, BridgeErrorCode> = {
  401: "upstream_unauthorized",
  402: "upstream_payment_required",
  403: "upstream_forbidden",
  404: "upstream_not_found",
  408: "upstream_timeout",
  413: "upstream_too_large",
  429: "upstream_rate_limited",
  498: "upstream_unavailable",
  503: "upstream_unavailable",
  504: "upstream_timeout",
  529: "upstream_unavailable",
};

function codeFor(status: number): BridgeErrorCode {
  return CODES[status] ?? (400 <= status && status < 500 ? "upstream_rejected" : "upstream_failed");
}

/** An error that arrived inside an answer of status 200. Its own code decides, where it is an HTTP status. */
export function failureFromEvent(
  payload: unknown,
  { provider, redact }: { provider: string; redact: (text: string) => string },
): BridgeError {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const message = redact(messageIn(text)) || "the provider reported an error without a message";
  const status = statusIn(payload);
  const code = status === undefined ? "upstream_failed" : codeFor(status);
  return new BridgeError(code, `${provider}: ${message}`, { upstreamStatus: status });
}

/** Words in an error's `code` or `type` that stand for a status. */
const STATUS_WORDS: [RegExp, number][] = [
  [/insufficient_quota|rate_limit/, 429],
  [/authentication/, 401],
  [/permission/, 403],
  [/not_found/, 404],
  [/invalid|bad_request|context_length/, 400],
  [/overload/, 503],
  [/timeout/, 504],
];

function statusIn(payload: unknown): number | undefined {
  if (typeof payload !== "object" || payload === null) return undefined;
  const { error } = payload as { error?: unknown };
  const source = typeof error === "object" && error !== null ? error : payload;
  const { status_code, status, code, type } = source as Record<string, unknown>;
  for (const value of [status_code, status, code, type]) {
    const number = Number(value);
    if (400 <= number && number < 600) return number;
    if (typeof value !== "string") continue;
    const found = STATUS_WORDS.find(([words]) => words.test(value));
    if (found) return found[1];
  }
  return undefined;
}

const UNREACHABLE: Record<string, string> = {
  ENOTFOUND: "its host name is unknown. Check the base URL and the network.",
  EAI_AGAIN: "its host name could not be looked up. Check the network.",
  ECONNREFUSED: "nothing listens there. Check the base URL, and that the server runs.",
  ECONNRESET: "it closed the connection.",
  EPIPE: "it closed the connection.",
  UND_ERR_SOCKET: "it closed the connection.",
  UND_ERR_CONNECT_TIMEOUT:
    "no connection within the time limit (setting timeouts.connectMs). Check the network.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed.",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate chain is self-signed.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate cannot be verified.",
  CERT_HAS_EXPIRED: "its certificate has expired.",
};

/** What the transport threw. A BridgeError, such as a time limit's, stays as it is. */
export function failureFromException(error: unknown, provider: string): BridgeError {
  if (error instanceof BridgeError) return error;
  const code = codeOf(error);
  const timedOut = code === "UND_ERR_CONNECT_TIMEOUT";
  const reason = UNREACHABLE[code] ?? `the connection failed${code && ` (${code})`}.`;
  return new BridgeError(
    timedOut ? "upstream_timeout" : "upstream_failed",
    `${provider}: ${reason}`,
    { cause: error },
  );
}

function codeOf(error: unknown): string {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === "string") return code;
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return "";
}
