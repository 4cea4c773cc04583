import type * as ollama from "../protocol/ollama.ts";
import type * as openai from "../protocol/openai.ts";
import { toImageUrl } from "./images.ts";

const ROLES = new Set(["system", "user", "assistant", "tool"]);

/**
 * A native message in OpenAI's words. Tool calls and results are as the client sent them: `repairHistory`
 * pairs them.
 */
export function toOpenAIMessage(message: ollama.Message): openai.ChatMessage {
  const role = toRole(message.role);
  const { text, images } = contentOf(message);
  const name = message.tool_name ?? message.name;
  return {
    role,
    content: toContent(text, images),
    ...(role === "tool" && name && { name }),
    ...(message.tool_call_id && { tool_call_id: message.tool_call_id }),
    ...withCalls((message.tool_calls ?? []).map(toToolCall)),
    ...(message.thinking && { reasoning: message.thinking }),
  };
}

/** Calls of nobody are left out, and an empty list of calls, which providers refuse. */
export function withCalls(calls: openai.ToolCall[]): Pick<openai.ChatMessage, "tool_calls"> {
  const named = calls.filter(({ function: { name } }) => name !== "");
  return named.length > 0 ? { tool_calls: named } : {};
}

/** A string where there is only text: some servers mirror parts back as text, others refuse them. */
export function toContent(text: string, images: string[]): string | openai.ContentPart[] {
  if (images.length === 0) return text;
  return [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...images.map((url) => ({ type: "image_url" as const, image_url: { url } })),
  ];
}

/** OpenAI's newer name for `system`; what nobody knows counts as the user's. */
export function toRole(role: string | null | undefined): string {
  const lower = (role ?? "user").toLowerCase();
  if (lower === "developer") return "system";
  return ROLES.has(lower) ? lower : "user";
}

/** Text and images of the content: a string, nothing, or OpenAI's parts, which avante and others send natively. */
function contentOf({ content, images }: ollama.Message): { text: string; images: string[] } {
  const parts = Array.isArray(content) ? content : [];
  const texts = parts.flatMap((part) => textOfPart(part) ?? []);
  const urls = parts.flatMap((part) => imageOfPart(part) ?? []);
  return {
    text: (typeof content === "string" ? content : texts.join("\n")).toWellFormed(),
    images: [...urls, ...(images ?? [])].map(toImageUrl),
  };
}

/** The text of a content part, if it is one. */
export function textOfPart(part: unknown): string | undefined {
  if (typeof part === "string") return part;
  const { text } = (part ?? {}) as { text?: unknown };
  return typeof text === "string" ? text : undefined;
}

/** What a content part shows, if it is an image: `image_url` is an object, or a string in Mistral's dialect. */
export function imageOfPart(part: unknown): unknown {
  const { image_url } = (part ?? {}) as { image_url?: unknown };
  return typeof image_url === "object" && image_url !== null
    ? (image_url as { url?: unknown }).url
    : image_url;
}

/** Arguments as an object or as its text, of which codecompanion and litellm send the latter. */
function toToolCall(call: unknown): openai.ToolCall {
  const { id, function: called, extra_content } = (call ?? {}) as Record<string, unknown>;
  const { name, arguments: values } = (called ?? {}) as Record<string, unknown>;
  return {
    id: typeof id === "string" ? id : "",
    type: "function",
    function: {
      name: typeof name === "string" ? name : "",
      arguments: toArgumentText(values),
    },
    ...(extra_content !== undefined && { extra_content }),
  };
}

/** JSON text; a string that is none stays as it is, and is the provider's to judge. */
export function toArgumentText(values: unknown): string {
  if (typeof values === "string") return values.trim() === "" ? "{}" : values;
  return JSON.stringify(values ?? {});
}
