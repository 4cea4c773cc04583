import { BridgeError } from "../base/errors.ts";
import type * as openai from "../protocol/openai.ts";
import type { V1ChatRequest, V1CompletionRequest, V1Message } from "../protocol/openai-requests.ts";
import type { ChatCall } from "./chat-call.ts";
import { systemMessage, type Preset } from "./chat-request.ts";
import { toImageUrl } from "./images.ts";
import { imageOfPart, textOfPart, toArgumentText, toRole, withCalls } from "./messages.ts";
import { SAMPLING_FIELDS, toSampling } from "./options.ts";
import { reasoningIn } from "./reasoning.ts";
import { fromEffort, toThink, type Think } from "./think.ts";

/**
 * A `/v1` client's chat, translated but for the provider's dialect. It gets the same repairs as a native one;
 * fields that the bridge does not know are the provider's to judge, Ollama's own are not sent on.
 *
 * @throws BridgeError `invalid_request`
 */
export function fromV1Chat(request: V1ChatRequest, preset: Preset = {}): ChatCall {
  const messages = (request.messages ?? []).map(toMessage);
  if (messages.length === 0) {
    throw new BridgeError("invalid_request", "[] is too short - 'messages'");
  }
  const hasSystem = messages[0]?.role === "system";
  return {
    messages: [...(hasSystem ? [] : systemMessage(preset.system)), ...messages],
    stream: request.stream === true,
    sampling: toSampling({}, toLimits(request), preset.parameters),
    ...toEffort(request, preset),
    format: toFormat(request.response_format),
    tools: (request.tools ?? []).map(toTool),
    toolChoice: request.tool_choice ?? undefined,
    topLogprobs: request.logprobs ? (request.top_logprobs ?? 0) : undefined,
    others: othersOf(request),
  };
}

/** The same of `/v1/completions`, whose prompt counts as the user's words where the provider only chats. */
export function fromV1Completion(request: V1CompletionRequest, preset: Preset = {}): ChatCall {
  return {
    messages: [...systemMessage(preset.system), { role: "user", content: request.prompt ?? "" }],
    stream: request.stream === true,
    sampling: toSampling({}, toLimits(request), preset.parameters),
    think: undefined,
    format: undefined,
    tools: [],
    toolChoice: undefined,
    topLogprobs: undefined,
    others: {},
  };
}

/** A function's definition is passed through; of other kinds of tools nothing is known here. */
function toTool(tool: Record<string, unknown>): openai.Tool {
  const { type, function: described } = tool;
  const { name } = (described ?? {}) as { name?: unknown };
  if ((!type || type === "function") && typeof name !== "string") {
    throw new BridgeError(
      "invalid_request",
      "a tool of type function needs a function with a name",
    );
  }
  return tool as unknown as openai.Tool;
}

/** What a client sets itself wins over the stored model's parameters. */
function toLimits(request: V1ChatRequest | V1CompletionRequest): Record<string, unknown> {
  const { max_completion_tokens } = request as V1ChatRequest;
  return { ...request, max_tokens: max_completion_tokens ?? request.max_tokens };
}

function toMessage(message: V1Message): openai.ChatMessage {
  const { content, name, tool_calls, tool_call_id, reasoning_details } = message;
  const role = toRole(message.role);
  const reasoning = reasoningIn(message as openai.ChatDelta);
  return {
    role,
    content: toContent(content),
    // Mistral and Groq refuse names of users and assistants.
    ...(role === "tool" && name && { name }),
    ...withCalls((tool_calls ?? []).map(toToolCall)),
    ...(tool_call_id && { tool_call_id }),
    ...(reasoning !== "" && { reasoning }),
    ...(reasoning_details?.length && { reasoning_details }),
  };
}

/** Parts stay where there is more than text in them. */
function toContent(content: V1Message["content"]): string | openai.ContentPart[] {
  if (content === undefined || content === null) return "";
  if (typeof content === "string") return content.toWellFormed();
  const texts = content.map(textOfPart);
  if (texts.every((text) => text !== undefined)) return texts.join("\n").toWellFormed();
  const parts = content.filter((part) => typeof part === "object" && part !== null);
  return parts.map((part) => {
    const image = imageOfPart(part);
    if (image === undefined || image === null) return part as openai.ContentPart;
    const { image_url } = part as { image_url: unknown };
    const detail = (image_url as { detail?: string }).detail;
    return {
      type: "image_url",
      image_url: { url: toImageUrl(image), ...(detail !== undefined && { detail }) },
    };
  });
}

function toToolCall(call: unknown): openai.ToolCall {
  const { id, function: called, ...others } = (call ?? {}) as Record<string, unknown>;
  const { name, arguments: values } = (called ?? {}) as Record<string, unknown>;
  const { extra_content } = others;
  return {
    id: typeof id === "string" ? id : "",
    type: "function",
    function: { name: typeof name === "string" ? name : "", arguments: toArgumentText(values) },
    ...(extra_content !== undefined && { extra_content }),
  };
}

/** @throws BridgeError `invalid_request` in Ollama's words for an effort that nobody knows */
function toEffort(
  request: V1ChatRequest,
  preset: Preset,
): { think: Think | undefined; effort?: string } {
  const effort = request.reasoning?.effort ?? request.reasoning_effort;
  if (!effort) return { think: toThink(preset.think) };
  const think = fromEffort(effort);
  if (think !== undefined) return { think, effort };
  throw new BridgeError("invalid_request", `invalid reasoning value: ${JSON.stringify(effort)}`);
}

function toFormat(format: V1ChatRequest["response_format"]): openai.ResponseFormat | undefined {
  return !format || format.type === "text" ? undefined : (format as openai.ResponseFormat);
}

/** What the call itself carries, what is Ollama's (goose sends `options` here), and `n`: there is one answer. */
const KNOWN = new Set([
  ...SAMPLING_FIELDS,
  "model",
  "messages",
  "stream",
  "stream_options",
  "max_completion_tokens",
  "tools",
  "tool_choice",
  "response_format",
  "reasoning_effort",
  "reasoning",
  "logprobs",
  "top_logprobs",
  "n",
  "options",
  "keep_alive",
  "num_ctx",
  "think",
  "format",
  "truncate",
  "shift",
]);

function othersOf(request: V1ChatRequest): Record<string, unknown> {
  const others = Object.entries(request).filter(
    ([name, value]) => value !== null && value !== undefined && !KNOWN.has(name),
  );
  return Object.fromEntries(others);
}
