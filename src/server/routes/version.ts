import { json } from "../reply.ts";

/**
 * The Ollama whose API this is. Plain digits: Copilot asks for 0.6.4 or later, Codex for 0.13.4, and Open
 * WebUI reads each part as a number.
 */
const OLLAMA_VERSION = "0.33.0";

/** `GET|HEAD /api/version`. */
export function version(): Response {
  return json({ version: OLLAMA_VERSION });
}
