import type * as openai from "../protocol/openai.ts";
import { hashedId, isNineAlphanumeric, toCallId } from "./tool-ids.ts";

/** For a call that nobody answered: providers refuse a history with such a hole. */
const NO_RESULT = "(no result)";

/** Where the user's next words stand for the result, as Roo Code writes it. */
const RESULT_BELOW = "(the result is in the user's next message)";

export interface HistoryRules {
  toolIds: "any" | "nine";
}

/**
 * A history that strict providers take. Every call has an id, the same for the same history; its result
 * follows right behind it, found by id, else by name, else by order; a call without a result gets a remark, a
 * result without a call becomes the user's words. Images of results, which may not stand in them, follow in a
 * message of the user's. Nothing that anybody said is lost.
 */
export function repairHistory(
  messages: readonly openai.ChatMessage[],
  rules: HistoryRules,
): openai.ChatMessage[] {
  const repaired: openai.ChatMessage[] = [];
  for (let index = 0; index < messages.length;) {
    const message = messages[index++];
    if (!message) continue;
    if (message.role === "tool") {
      repaired.push(...asUserWords(message));
      continue;
    }
    if (message.role !== "assistant" || !message.tool_calls?.length) {
      if (!isEmptyAnswer(message)) repaired.push(message);
      continue;
    }
    const end = nextAnswer(messages, index);
    repaired.push(...toTurn(message, messages.slice(index, end), { ...rules, turn: index }));
    index = end;
  }
  return repaired;
}

/** Mistral and Anthropic refuse an assistant that says nothing. */
function isEmptyAnswer({ role, content }: openai.ChatMessage): boolean {
  return role === "assistant" && (!content || content.length === 0);
}

/** What follows an answer belongs to it until the next one. */
function nextAnswer(messages: readonly openai.ChatMessage[], from: number): number {
  const next = messages.findIndex(({ role }, index) => index >= from && role === "assistant");
  return next === -1 ? messages.length : next;
}

/** An answer with calls, their results, and then whatever else was said. */
function toTurn(
  answer: openai.ChatMessage,
  following: openai.ChatMessage[],
  { toolIds, turn }: HistoryRules & { turn: number },
): openai.ChatMessage[] {
  const results = following.filter(({ role }) => role === "tool");
  const others = following.filter(({ role }) => role !== "tool");
  const calls = answer.tool_calls ?? [];
  const { matched, orphans } = pair(calls, results);
  const ids = toIds(calls, { toolIds, turn });
  const remark = others[0]?.role === "user" ? RESULT_BELOW : NO_RESULT;
  const images: openai.ContentPart[] = [];
  const answers = calls.map((call, index): openai.ChatMessage => {
    const result = matched.get(call);
    const { text, shown } = splitResult(result);
    images.push(...shown);
    const name = result?.name ?? call.function.name;
    return {
      role: "tool",
      tool_call_id: ids[index] ?? "",
      ...(name && { name }),
      content: result ? text : remark,
    };
  });
  return [
    { ...answer, tool_calls: calls.map((call, index) => ({ ...call, id: ids[index] ?? "" })) },
    ...answers,
    ...orphans.flatMap(asUserWords),
    ...(images.length > 0 ? [{ role: "user", content: images }] : []),
    ...others,
  ];
}

function pair(calls: openai.ToolCall[], results: openai.ChatMessage[]) {
  const matched = new Map<openai.ToolCall, openai.ChatMessage>();
  const ways: ((call: openai.ToolCall, result: openai.ChatMessage) => boolean)[] = [
    (call, { tool_call_id }) => Boolean(tool_call_id) && call.id === tool_call_id,
    (call, { name }) => Boolean(name) && call.function.name === name,
    (_call, { name }) => !name,
  ];
  let open = results;
  for (const isAnswered of ways) {
    open = open.filter((result) => {
      const call = calls.find((one) => !matched.has(one) && isAnswered(one, result));
      if (call) matched.set(call, result);
      return !call;
    });
  }
  return { matched, orphans: open };
}

/** Unique within the turn; those that every provider takes stay. */
function toIds(
  calls: openai.ToolCall[],
  { toolIds, turn }: HistoryRules & { turn: number },
): string[] {
  const taken = new Set<string>();
  return calls.map(({ id, function: { name, arguments: values } }, index) => {
    const seed = `${turn}/${index}/${name}/${values}`;
    const own = toCallId(taken.has(id) ? "" : id, seed);
    const unique = toolIds === "nine" && !isNineAlphanumeric(own) ? hashedId(own) : own;
    taken.add(id);
    return unique;
  });
}

/** Results are text; images in them are shown separately. */
function splitResult(result: openai.ChatMessage | undefined) {
  const content = result?.content;
  if (!Array.isArray(content)) return { text: content ?? "", shown: [] };
  const parts = content as openai.ContentPart[];
  const text = parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  const shown = parts.filter(({ type }) => type === "image_url");
  return { text: text || (shown.length > 0 ? "(see the image below)" : ""), shown };
}

function asUserWords(result: openai.ChatMessage): openai.ChatMessage[] {
  const { text, shown } = splitResult(result);
  const words = `Result of ${result.name ? `the tool "${result.name}"` : "a tool"}:\n${text}`;
  return [
    { role: "user", content: words },
    ...(shown.length > 0 ? [{ role: "user", content: shown }] : []),
  ];
}
