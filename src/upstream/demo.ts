import type * as openai from "../protocol/openai.ts";
import { setTimeout as delay } from "node:timers/promises";
import { DONE } from "../protocol/openai.ts";
import type { Upstream } from "./client.ts";
import { BridgeError } from "../base/errors.ts";
import { dialectFor } from "./dialects.ts";

/** Between two words, so that streaming can be seen. */
const WORD_MS = 15;

const MAX_ECHO_CHARS = 500;

/** The model that answers when no provider is configured: in this process, without a network. */
export function createDemoUpstream({ wordMs = WORD_MS } = {}): Upstream {
  return {
    id: "demo",
    dialect: (modelId) => ({
      ...dialectFor({ modelId }),
      fim: ["chat"],
      completions: false,
    }),
    models: () => Promise.resolve([DEMO]),
    complete: () => Promise.reject(unsupported("raw prompts")),
    embed: () => Promise.reject(unsupported("embeddings")),
    chat: (request, { signal }) => Promise.resolve(answer(request, { signal, wordMs })),
  };
}

/** Its tokens are words, so its counts are true. */
async function* answer(
  { messages, max_tokens = Infinity }: openai.ChatRequest,
  { signal, wordMs }: { signal: AbortSignal; wordMs: number },
): AsyncGenerator<openai.ChatEvent[]> {
  const words = wordsOf(greeting(textOf(messages.findLast(({ role }) => role === "user"))));
  const sent = words.slice(0, max_tokens);
  for (const word of sent) {
    await delay(wordMs, undefined, { signal }).catch(() => {
      signal.throwIfAborted();
    });
    yield [{ choices: [{ delta: { content: word } }] }];
  }
  const finish_reason = sent.length < words.length ? "length" : "stop";
  const prompt_tokens = messages.flatMap((message) => wordsOf(textOf(message))).length;
  const completion_tokens = sent.length;
  const total_tokens = prompt_tokens + completion_tokens;
  const usage = { prompt_tokens, completion_tokens, total_tokens };
  yield [{ choices: [{ delta: {}, finish_reason }], usage }, DONE];
}

function textOf(message: openai.ChatMessage | undefined): string {
  return typeof message?.content === "string" ? message.content : "";
}

/** It only repeats. */
const DEMO: openai.Model = { id: "demo", tools: false, vision: false, thinking: false, fim: false };

function unsupported(what: string): BridgeError {
  return new BridgeError("upstream_rejected", `the demo model does not support ${what}`);
}

function greeting(said: string): string {
  const echo = said.length > MAX_ECHO_CHARS ? `${said.slice(0, MAX_ECHO_CHARS)}…` : said;
  return `Hello from Llama Bridge! You said: "${echo}". I am the built-in demo model and only repeat. To talk to a real one, connect a provider: in VS Code run "Llama Bridge: Set API Key", in a terminal set OPENAI_API_KEY and start again.`;
}

function wordsOf(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [];
}
