import type * as z from "zod/mini";
import { BridgeError } from "../base/errors.ts";
import { describeTypeMismatch, parseJson } from "./json.ts";
import { withKnownKeys } from "./json-keys.ts";

export interface BodyOptions {
  maxBytes: number;
  /** Ollama's name of the request, for its error text: "ChatRequest". */
  name: string;
}

/**
 * The request's body, within its bound, as the schema says.
 *
 * @throws BridgeError `body_too_large`, or `invalid_request` in the words of Ollama's JSON decoder
 */
export async function readBody<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
  { maxBytes, name }: BodyOptions,
): Promise<z.output<S>> {
  const text = await readText(request, maxBytes);
  if (text.trim() === "") throw new BridgeError("invalid_request", "missing request body");
  const value = withKnownKeys(parseJson(text) ?? {}, schema);
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new BridgeError("invalid_request", describeTypeMismatch(result.error, name));
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? NaN);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  // With a length the parser of Node's HTTP server holds the sender to it; without one we count.
  if (declared >= 0) return await request.text();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = request.body;
  for await (const bytes of body ?? []) {
    size += bytes.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(maxBytes: number): BridgeError {
  return new BridgeError(
    "body_too_large",
    `the request body is larger than ${maxBytes} bytes (setting limits.maxBodyBytes)`,
  );
}
