import { BridgeError } from "../base/errors.ts";
import { failureWith, statusOf } from "./reply.ts";

/** The error's words in OpenAI's envelope, with the types that Ollama gives them on `/v1`. */
function openaiErrorBody(error: unknown): string {
  const status = statusOf(error);
  const type =
    status === 400 ? "invalid_request_error" : status === 404 ? "not_found_error" : "api_error";
  const message =
    error instanceof BridgeError ? error.message : "internal error: see the log of Llama Bridge";
  return JSON.stringify({ error: { message, type, param: null, code: null } });
}

/** As `failure`, for `/v1`. */
export function openaiFailure(error: unknown): Response {
  return failureWith(error, { body: openaiErrorBody(error), status: statusOf(error) });
}

/** The last event of a stream that broke off; `[DONE]` does not follow. */
export function openaiErrorEvent(error: unknown): string {
  return `data: ${openaiErrorBody(error)}\n\n`;
}
