import { BridgeError } from "../base/errors.ts";
import type { Dialect } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";

/**
 * Ollama's `format` as OpenAI's `response_format`: "json", or a JSON Schema.
 *
 * @throws BridgeError `invalid_option` in Ollama's words for anything else
 */
export function toResponseFormat(format: unknown): openai.ResponseFormat | undefined {
  if (format === undefined || format === null || format === "") return undefined;
  if (format === "json") return { type: "json_object" };
  if (typeof format === "object" && !Array.isArray(format)) {
    const schema = format as Record<string, unknown>;
    return { type: "json_schema", json_schema: { name: "schema", schema } };
  }
  throw new BridgeError(
    "invalid_option",
    `invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`,
  );
}

interface Structured {
  response_format?: openai.ResponseFormat;
  messages: openai.ChatMessage[];
}

/** The format as far as the provider takes it; the rest is asked for in words. */
export function structure(
  messages: openai.ChatMessage[],
  format: openai.ResponseFormat | undefined,
  reach: Dialect["structured"],
): Structured {
  if (format === undefined) return { messages };
  const isSchema = format.type === "json_schema";
  switch (reach) {
    case "schema":
      return { response_format: format, messages: isSchema ? messages : namingJson(messages) };
    case "schema-only":
      return { response_format: isSchema ? format : ANY_OBJECT, messages };
    case "json-only":
      return {
        response_format: { type: "json_object" },
        messages: isSchema ? withSystem(messages, wordsFor(format)) : namingJson(messages),
      };
    case "none":
      return { messages: withSystem(messages, wordsFor(format)) };
  }
}

/** Whether the format, or the schema of it, can only be asked for in words. */
export function isAskedInWords(
  format: openai.ResponseFormat | undefined,
  reach: Dialect["structured"],
): boolean {
  if (format === undefined) return false;
  return reach === "none" || (reach === "json-only" && format.type === "json_schema");
}

/** LM Studio and Perplexity refuse `json_object`. */
const ANY_OBJECT: openai.ResponseFormat = {
  type: "json_schema",
  json_schema: { name: "object", schema: { type: "object" } },
};

const JSON_ONLY = "Answer with one JSON object and nothing else.";

function wordsFor(format: openai.ResponseFormat): string {
  if (format.type === "json_object") return JSON_ONLY;
  return `${JSON_ONLY} It must be valid against this JSON Schema:\n${JSON.stringify(format.json_schema.schema)}`;
}

/** OpenAI refuses `json_object` when no message says "JSON"; DeepSeek then writes white space for ever. */
function namingJson(messages: openai.ChatMessage[]): openai.ChatMessage[] {
  const isNamed = messages.some(({ content }) => /json/i.test(JSON.stringify(content ?? "")));
  return isNamed ? messages : withSystem(messages, JSON_ONLY);
}

/** Into the first message where that is the system's: several templates take no second one. */
function withSystem(messages: openai.ChatMessage[], words: string): openai.ChatMessage[] {
  const [first, ...rest] = messages;
  if (first?.role === "system" && typeof first.content === "string") {
    return [{ ...first, content: `${first.content}\n\n${words}` }, ...rest];
  }
  return [{ role: "system", content: words }, ...messages];
}
