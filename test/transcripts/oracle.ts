/** What a chat answer says, read naively: every event split by hand, nothing shared with the bridge. */
export interface Expected {
  text: string;
  thinking: string;
  calls: ExpectedCall[];
  finishReason: string | undefined;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
  hasError: boolean;
}

interface ExpectedCall {
  name: string;
  arguments: unknown;
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
  content?: string | Part[] | null;
  refusal?: unknown;
  reasoning_content?: unknown;
  reasoning?: unknown;
  reasoning_details?: { text?: string; summary?: string }[];
  tool_calls?: Fragment[] | null;
}

interface Part {
  type: string;
  text?: string;
  thinking?: { text: string }[];
}

interface Fragment {
  index?: number;
  id?: string | null;
  function?: { name?: string | null; arguments?: string | null };
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
  const said = words.map(textOf).join("");
  const [, inTags = "", behind = said] = /^\s*<think>\s*(.*?)<\/think>\s*(.*)$/s.exec(said) ?? [];
  const calls = callsIn(words.flatMap(({ tool_calls }) => tool_calls ?? []));
  return {
    text: behind,
    thinking: words.map(thinkingOf).join("") + inTags,
    calls,
    finishReason: reasons.find((reason) => typeof reason === "string"),
    promptTokens: usage?.prompt_tokens,
    completionTokens: usage && generated(usage),
    hasError: /^event: ?error|^error:/m.test(body) || answers.some(({ error }) => Boolean(error)),
  };
}

function textOf({ content, refusal }: Words): string {
  if (Array.isArray(content)) {
    return content.map(({ type, text }) => (type === "text" ? (text ?? "") : "")).join("");
  }
  return str(content) || str(refusal);
}

function thinkingOf({ content, reasoning_content, reasoning, reasoning_details }: Words): string {
  const parts = Array.isArray(content) ? content : [];
  const inParts = parts.flatMap(({ thinking }) => thinking ?? []).map(({ text }) => text);
  const inDetails = (reasoning_details ?? []).map(({ text, summary }) => text ?? summary ?? "");
  return inParts.join("") || str(reasoning_content) || str(reasoning) || inDetails.join("");
}

function callsIn(fragments: Fragment[]): ExpectedCall[] {
  const calls: { index: number; id: string; name: string; text: string }[] = [];
  for (const { index = 0, id, function: called } of fragments) {
    const open = calls.findLast((call) => call.index === index);
    const isNext = open === undefined || (Boolean(id) && id !== open.id);
    const call = isNext ? { index, id: id ?? "", name: "", text: "" } : open;
    if (isNext) calls.push(call);
    call.name ||= called?.name ?? "";
    call.text += called?.arguments ?? "";
  }
  return calls.map(({ name, text }) => ({
    name,
    arguments: JSON.parse(text === "" ? "{}" : text) as unknown,
  }));
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
