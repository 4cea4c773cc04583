import { BridgeError } from "../base/errors.ts";
import type { MessageRules } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";

/** What the assistant says where a template wants it to speak between a tool's result and the user. */
const HAVING_READ = "I have read the result.";

/**
 * The conversation as the provider's template wants it; nothing that anybody said is lost.
 *
 * @throws BridgeError `invalid_request` for images where there is only text
 */
export function followRules(
  messages: openai.ChatMessage[],
  rules: MessageRules,
): openai.ChatMessage[] {
  if (rules.textOnly && messages.some(hasImages)) {
    throw new BridgeError(
      "invalid_request",
      "this model does not support images. Choose a model with the capability vision",
    );
  }
  const steps = [
    rules.oneSystem && withOneSystem,
    rules.system !== "system" && ((all: openai.ChatMessage[]) => renameSystem(all, rules.system)),
    rules.answeredTools && withAnsweredTools,
    rules.merged && withMergedNeighbours,
    rules.prefill !== "none" && ((all: openai.ChatMessage[]) => markPrefill(all, rules.prefill)),
  ].filter((step) => step !== false);
  return steps.reduce((all, step) => step(all), messages);
}

function hasImages({ content }: openai.ChatMessage): boolean {
  return Array.isArray(content) && content.some(({ type }) => type === "image_url");
}

function withOneSystem(messages: openai.ChatMessage[]): openai.ChatMessage[] {
  const [first, ...further] = messages.filter(({ role }) => role === "system");
  if (!first) return messages;
  const others = messages.filter(({ role }) => role !== "system");
  return [further.reduce(join, first), ...others];
}

function renameSystem(
  messages: openai.ChatMessage[],
  role: MessageRules["system"],
): openai.ChatMessage[] {
  const renamed = messages.map((message) =>
    message.role === "system" ? { ...message, role } : message,
  );
  // Instructions and the first words after them are one message: two of one role may be refused.
  return role === "user" && messages[0]?.role === "system" && messages[1]?.role === "user"
    ? withMergedNeighbours(renamed.slice(0, 2)).concat(renamed.slice(2))
    : renamed;
}

function withAnsweredTools(messages: openai.ChatMessage[]): openai.ChatMessage[] {
  return messages.flatMap((message, index) =>
    message.role === "user" && messages[index - 1]?.role === "tool"
      ? [{ role: "assistant", content: HAVING_READ }, message]
      : [message],
  );
}

/** Results of tools stay apart: each belongs to a call. */
function withMergedNeighbours(messages: openai.ChatMessage[]): openai.ChatMessage[] {
  const merged: openai.ChatMessage[] = [];
  for (const message of messages) {
    const before = merged.at(-1);
    if (before?.role === message.role && message.role !== "tool") {
      merged[merged.length - 1] = join(before, message);
    } else merged.push(message);
  }
  return merged;
}

function join(first: openai.ChatMessage, second: openai.ChatMessage): openai.ChatMessage {
  const calls = [...(first.tool_calls ?? []), ...(second.tool_calls ?? [])];
  const reasoning = [first.reasoning_content, second.reasoning_content].filter(Boolean).join("\n");
  return {
    ...first,
    ...second,
    content: joinContent(first.content ?? "", second.content ?? ""),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(reasoning !== "" && { reasoning_content: reasoning }),
  };
}

type Content = NonNullable<openai.ChatMessage["content"]>;

function joinContent(first: Content, second: Content): Content {
  if (!Array.isArray(first) && !Array.isArray(second)) {
    return [first, second].filter(Boolean).join("\n\n");
  }
  return [...toParts(first), ...toParts(second)] as openai.ContentPart[];
}

function toParts(content: Content): Record<string, unknown>[] {
  if (Array.isArray(content)) return content as Record<string, unknown>[];
  return content ? [{ type: "text", text: content }] : [];
}

function markPrefill(
  messages: openai.ChatMessage[],
  mark: MessageRules["prefill"],
): openai.ChatMessage[] {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last.tool_calls) return messages;
  return [...messages.slice(0, -1), { ...last, [mark]: true }];
}
