import { BridgeError } from "../base/errors.ts";
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
