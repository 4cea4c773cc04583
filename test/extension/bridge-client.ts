import { ask } from "./http-client.ts";

/** One line of a streamed answer. */
export interface ChatLine {
  model: string;
  message: { role: string; content: string };
  done: boolean;
  done_reason?: string;
}

/** Names of the models that the bridge lists. */
export async function listModels(port: number): Promise<string[]> {
  const { text } = await ask(port, "/api/tags");
  return (JSON.parse(text) as { models: { name: string }[] }).models.map(({ name }) => name);
}

/** Says one thing to a model, as Ollama's clients do, and gives the lines of the streamed answer. */
export async function chat(port: number, model: string): Promise<ChatLine[]> {
  const messages = [{ role: "user", content: "Hello" }];
  const { status, contentType, text } = await ask(port, "/api/chat", { body: { model, messages } });
  if (status !== 200 || contentType !== "application/x-ndjson") {
    throw new Error(`chat with ${model}: ${status ?? "no status"} ${contentType ?? ""} ${text}`);
  }
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as ChatLine);
}

/** The words of an answer, in one piece. */
export function wordsOf(lines: ChatLine[]): string {
  return lines.map(({ message }) => message.content).join("");
}

/** Whether the bridge answers on this port. */
export async function answers(port: number): Promise<boolean> {
  try {
    return (await ask(port, "/api/version")).status === 200;
  } catch {
    return false;
  }
}
