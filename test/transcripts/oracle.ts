/** What a chat answer says, read naively: every event split by hand, nothing shared with the bridge. */
export interface Expected {
  text: string;
  finishReason: string | undefined;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
  /** Tool calls, reasoning and the like: not part of what is served yet. */
  isTextOnly: boolean;
  hasError: boolean;
}

interface Answer {
  choices?: Choice[];
  usage?: Usage | null;
  x_groq?: { usage?: Usage };
  error?: unknown;
}

interface Choice {
  delta?: Words | null;
  message?: Words;
  finish_reason?: string | null;
}

interface Words {
  content?: unknown;
  refusal?: unknown;
  tool_calls?: unknown[] | null;
}

interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
}

export function expectedOf(body: string): Expected {
  const answers = body.trimStart().startsWith("{") ? [JSON.parse(body) as Answer] : eventsOf(body);
  const choices = answers.flatMap((answer) => answer.choices?.[0] ?? []);
  const isWhole = answers.length === 1;
  const words = choices.map(({ delta, message }) =>
    isWhole ? (message ?? {}) : (delta ?? message ?? {}),
  );
  const usage = answers.map((answer) => answer.usage ?? answer.x_groq?.usage).findLast(Boolean);
  const reasons = choices.map((choice) => choice.finish_reason);
  return {
    text: words.map(({ content, refusal }) => str(content) || str(refusal)).join(""),
    finishReason: reasons.find((reason) => typeof reason === "string"),
    promptTokens: usage?.prompt_tokens,
    completionTokens: usage && generated(usage),
    isTextOnly: words.every(
      ({ content, tool_calls }) => !Array.isArray(content) && !tool_calls?.length,
    ),
    hasError: /^event: ?error|^error:/m.test(body) || answers.some(({ error }) => Boolean(error)),
  };
}

function eventsOf(body: string): Answer[] {
  return body
    .split(/\r\n|\r|\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim())
    .filter((data) => data !== "[DONE]" && data !== "")
    .map((data) => JSON.parse(data) as Answer);
}

function generated({ prompt_tokens = 0, completion_tokens, total_tokens }: Usage) {
  if (completion_tokens === undefined || total_tokens === undefined) return completion_tokens;
  return Math.max(completion_tokens, total_tokens - prompt_tokens);
}

function str(value: unknown): string {
  return typeof value === "string" ? value : "";
}
