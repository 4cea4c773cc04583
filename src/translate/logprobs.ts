/** One token as Ollama tells it. */
export interface TokenLogprob {
  token: string;
  logprob: number;
  /** UTF-8 of the token. */
  bytes: number[];
  top_logprobs?: TokenLogprob[];
}

/**
 * OpenAI's `choice.logprobs` as Ollama's list; undefined when there is none.
 *
 * @param top how many alternatives were asked for; providers send at least one
 */
export function logprobsIn(value: unknown, top: number): TokenLogprob[] | undefined {
  const { content } = (value ?? {}) as { content?: unknown };
  if (!Array.isArray(content) || content.length === 0) return undefined;
  return content.map((entry: unknown) => toLogprob(entry, top));
}

function toLogprob(value: unknown, top: number): TokenLogprob {
  const { token, logprob, bytes, top_logprobs } = (value ?? {}) as Record<string, unknown>;
  const text = typeof token === "string" ? token : "";
  return {
    token: text,
    logprob: typeof logprob === "number" ? logprob : 0,
    bytes: Array.isArray(bytes) ? (bytes as number[]) : [...Buffer.from(text)],
    ...(Array.isArray(top_logprobs) &&
      top > 0 && {
        top_logprobs: top_logprobs.slice(0, top).map((entry: unknown) => toLogprob(entry, 0)),
      }),
  };
}
