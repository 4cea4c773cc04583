/** What we send and read of OpenAI's Chat Completions API. Answers are typed as loosely as vendors send them. */

export interface ChatMessage {
  role: string;
  content: string;
}

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream: boolean;
  stream_options?: { include_usage: true };
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  stop?: string[];
  seed?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  response_format?: ResponseFormat;
}

export type ResponseFormat =
  | { type: "json_object" }
  | { type: "json_schema"; json_schema: { name: string; schema: Record<string, unknown> } };

export interface Usage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
}

interface ChatDelta {
  /** A string, or Mistral's list of `{type: "text", text}` and other parts. */
  content?: unknown;
  refusal?: unknown;
}

export interface ChatChoice {
  delta?: ChatDelta | null;
  /** Instead of `delta` in an answer that is not streamed. Perplexity sends both; then only the delta counts. */
  message?: ChatDelta | null | undefined;
  finish_reason?: string | null | undefined;
}

/** One event of a stream, or a whole answer that was not streamed. */
export interface ChatChunk {
  choices?: (ChatChoice | null)[] | null | undefined;
  usage?: Usage | null;
  /** Groq repeats the usage here, through other routers it is the only place. */
  x_groq?: { usage?: Usage | null } | null;
  error?: unknown;
}

/** `data: [DONE]`: the provider says that nothing follows. Several never say it. */
export const DONE = Symbol("[DONE]");

export type ChatEvent = ChatChunk | typeof DONE;

export interface Model {
  id: string;
  /** Seconds since 1970; 0 or absent where the provider does not know. */
  created?: number | undefined;
  owned_by?: string | undefined;
  /** Tokens, from whichever of the vendors' fields had it. */
  contextLength?: number | undefined;
}
