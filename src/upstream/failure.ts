import {
  BridgeError,
  type BridgeErrorCode,
  type BridgeErrorOptions,
  type Overflow,
} from "../base/errors.ts";
import { tryUrl } from "../base/url.ts";
import { overflowIn } from "./context-overflow.ts";
import { messageIn } from "./error-body.ts";
import { meaningOf, type Meaning } from "./failure-meanings.ts";
import { retryAdvice, retryAfterIn, single, type Headers } from "./retry-after.ts";

export interface Refusal {
  status: number;
  /** At most the first 64 KiB. */
  body: string;
  /** Names in lower case. */
  headers: Headers;
  provider: string;
  /** Whether a key was sent along. */
  hadKey: boolean;
  redact: (text: string) => string;
  /** Milliseconds since 1970, for dates in headers. */
  now: number;
}

/** A provider's answer that is not a success, in one sentence and with a code that decides our status. */
export function failureFromResponse(refusal: Refusal): BridgeError {
  const { status, provider, body, headers, now, redact } = refusal;
  const message = redact(messageIn(body));
  const advice = retryAdvice(refusal, now);
  const wait = advice.waitMs === undefined ? undefined : String(Math.ceil(advice.waitMs / 1000));
  const options = {
    upstreamStatus: status,
    advice,
    retryAfter: retryAfterIn(headers) ?? wait,
  };
  const overflow = overflowOf(refusal, message);
  if (overflow) return overflowFailure({ provider, message }, { ...options, overflow });
  const meaning = meaningOf(`${message} ${body}`, status);
  const code = meaning.code ?? codeFor(status);
  return new BridgeError(
    code,
    `${provider}: ${explain(refusal, { message, code, ...meaning })}`,
    options,
  );
}

/** Cerebras answers an overflow without a word. */
function overflowOf({ status, body, provider }: Refusal, message: string): Overflow | undefined {
  if (body.trim() === "" && [400, 413].includes(status) && /cerebras/i.test(provider)) return {};
  return overflowIn(`${message} ${body}`, status);
}

/** Where numbers are missing, the provider's own words may say more. */
function overflowFailure(
  { provider, message }: { provider: string; message: string },
  options: BridgeErrorOptions & { overflow: Overflow },
): BridgeError {
  const { limit, prompt } = options.overflow;
  const isTold = message === "" || (limit !== undefined && prompt !== undefined);
  const sentence = overflowSentence(options.overflow) + (isTold ? "" : ` (${message})`);
  const text = `${provider}: ${sentence}. Shorten the conversation, or choose a model with a longer context.`;
  return new BridgeError("context_overflow", text, options);
}

function overflowSentence({ limit, prompt }: Overflow): string {
  if (limit !== undefined && prompt !== undefined) {
    return `the prompt has ${prompt} tokens, and the model's context holds ${limit}`;
  }
  if (limit !== undefined)
    return `the prompt is longer than the model's context of ${limit} tokens`;
  return prompt === undefined
    ? "the prompt is longer than the model's context"
    : `the prompt's ${prompt} tokens are more than the model's context holds`;
}

interface Explained extends Meaning {
  message: string;
  code: BridgeErrorCode;
}

function explain(refusal: Refusal, { message, code, hint }: Explained): string {
  const { status, headers, provider, hadKey } = refusal;
  if (300 <= status && status < 400) {
    const location = single(headers["location"]);
    const target = location === undefined ? undefined : tryUrl(location);
    return `the base URL redirects${target ? ` to ${target.origin}` : ""} (HTTP ${status}). Set the base URL to where the API is.`;
  }
  const words = message || "no message";
  if (code === "upstream_unauthorized") {
    return hadKey
      ? `the API key was refused. Set a valid one for "${provider}". (HTTP ${status}: ${words})`
      : `no API key is set. Set one for "${provider}" and try again. (HTTP ${status}: ${words})`;
  }
  return withHint(`${words} (HTTP ${status})`, hint);
}

function withHint(message: string, hint: string | undefined): string {
  if (hint === undefined) return message;
  return `${message}${/[.!?]$/.test(message) ? "" : "."} ${hint}`;
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
  const advice = retryAdvice({ status: status ?? 0, headers: {}, body: text }, 0);
  const options = { upstreamStatus: status, advice };
  const overflow = overflowIn(text, status);
  if (overflow) return overflowFailure({ provider, message }, { ...options, overflow });
  const { code, hint } = meaningOf(text, status);
  const known = code ?? (status === undefined ? "upstream_failed" : codeFor(status));
  return new BridgeError(known, withHint(`${provider}: ${message}`, hint), options);
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
    { cause: error, connection: CONNECTION[code] },
  );
}

/** What another attempt may mend: not a wrong certificate. */
const CONNECTION: Partial<Record<string, "none" | "cut">> = {
  ECONNRESET: "cut",
  EPIPE: "cut",
  UND_ERR_SOCKET: "cut",
  ECONNREFUSED: "none",
  ENOTFOUND: "none",
  EAI_AGAIN: "none",
  EHOSTUNREACH: "none",
  ENETUNREACH: "none",
  ETIMEDOUT: "none",
  UND_ERR_CONNECT_TIMEOUT: "none",
};

function codeOf(error: unknown): string {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === "string") return code;
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return "";
}
