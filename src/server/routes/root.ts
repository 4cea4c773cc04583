import { text } from "../reply.ts";

/** `GET|HEAD /`: the probe of Ollama's own command line. */
export function root(): Response {
  return text("Ollama is running");
}
