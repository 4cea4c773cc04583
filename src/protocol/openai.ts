/**
 * What we send and read of OpenAI's Chat Completions, Completions and Embeddings. Answers are typed as
 * loosely as vendors send them.
 */

export type ContentPart =
  | { type: "text"; text: string }
  | { type: "image_url"; image_url: { url: string; detail?: string } };

/** A call of a tool in a message, arguments as JSON text. */
export interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
  /** Gemini's thought signature travels here. */
  extra_content?: unknown;
}

export interface ChatMessage {
  role: string;
  content?: string | ContentPart[] | Record<string, unknown>[] | null;
  /** On `tool` messages: the function's name. */
  name?: string;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
  reasoning_content?: string;
  reasoning?: string;
  reasoning_details?: unknown[];
}

/** Passed through as the client wrote it, JSON Schema included. */
export interface Tool {
  type?: string;
  function: { name: string; description?: string; parameters?: unknown };
}

export type ToolChoice = string | Record<string, unknown>;

export interface ChatRequest extends VendorFields {
  model: string;
  messages: ChatMessage[];
  stream: boolean;
  stream_options?: { include_usage: true };
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
  stop?: string[];
  seed?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  logprobs?: boolean;
  top_logprobs?: number;
  response_format?: ResponseFormat;
  tools?: Tool[];
  tool_choice?: ToolChoice;
  parallel_tool_calls?: boolean;
}

/** What only some vendors take; see `protocol/dialect.ts`. */
export interface VendorFields {
  top_k?: number;
  min_p?: number;
  typical_p?: number;
  repeat_penalty?: number;
  repetition_penalty?: number;
  repeat_last_n?: number;
  random_seed?: number;
  reasoning_effort?: string;
  /** OpenRouter's. */
  reasoning?: { enabled?: boolean; effort?: string };
  /** DeepSeek's, Z.ai's and Moonshot's. */
  thinking?: { type: "enabled" | "disabled" };
  /** DashScope's. */
  enable_thinking?: boolean;
  /** Of servers that run a Jinja template. */
  chat_template_kwargs?: Record<string, unknown>;
}

export type ResponseFormat =
  | { type: "json_object" }
  | { type: "json_schema"; json_schema: { name: string; schema: Record<string, unknown> } };

/** `/completions`, and the routes for a hole in the middle. */
export interface CompletionRequest extends VendorFields {
  model: string;
  prompt: string;
  suffix?: string;
  stream: boolean;
  stream_options?: { include_usage: true };
  max_tokens?: number;
  temperature?: number;
  top_p?: number;
  stop?: string[];
  seed?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
}

/** llama.cpp's `/infill`. */
export interface InfillRequest {
  input_prefix: string;
  input_suffix: string;
  /** Other files, for context. */
  input_extra?: { filename: string; text: string }[];
  stream: boolean;
  n_predict?: number;
  temperature?: number;
  top_p?: number;
  stop?: string[];
  seed?: number;
}

/** Where a completion is sent: `/completions`, Mistral's `/fim/completions`, DeepSeek's `/beta/completions`, llama.cpp's `/infill`. */
export type CompletionRoute = "completions" | "fim" | "beta" | "infill";

export interface EmbeddingRequest {
  model: string;
  input: string[];
  encoding_format?: "float";
  dimensions?: number;
  output_dimension?: number;
}

export interface Usage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  prompt_tokens_details?: { cached_tokens?: number | null } | null;
  /** DeepSeek's. */
  prompt_cache_hit_tokens?: number | null;
  /** Together's and Moonshot's. */
  cached_tokens?: number | null;
}

/** A piece of a tool call. Every field may be missing, null, empty or repeated; see `translate/tool-calls.ts`. */
export interface ToolCallDelta {
  index?: unknown;
  id?: unknown;
  type?: unknown;
  function?: { name?: unknown; arguments?: unknown } | null;
  extra_content?: unknown;
}

export interface ChatDelta {
  /** A string, or Mistral's list of `{type: "text", text}` and other parts. */
  content?: unknown;
  refusal?: unknown;
  tool_calls?: (ToolCallDelta | null)[] | null;
  /** OpenAI's first form of a tool call. */
  function_call?: { name?: unknown; arguments?: unknown } | null;
  reasoning_content?: unknown;
  reasoning?: unknown;
  reasoning_text?: unknown;
  thinking?: unknown;
  reasoning_details?: unknown;
  extra_content?: unknown;
}

export interface ChatChoice {
  index?: number | null;
  delta?: ChatDelta | null;
  /** Instead of `delta` in an answer that is not streamed. Perplexity sends both; then only the delta counts. */
  message?: ChatDelta | null | undefined;
  /** Of `/completions`. Together mirrors a chat's text here; then only the delta counts. */
  text?: unknown;
  finish_reason?: string | null | undefined;
  logprobs?: unknown;
  /** Moonshot once put it here. */
  usage?: Usage | null;
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

/** Vectors in the order of the inputs. */
export interface Embeddings {
  vectors: number[][];
  promptTokens?: number | undefined;
}

/** What a provider publishes about a model. Absent means that it does not say. */
export interface Model {
  id: string;
  /** Seconds since 1970; 0 or absent where the provider does not know. */
  created?: number | undefined;
  owned_by?: string | undefined;
  /** Tokens, from whichever of the vendors' fields had it. */
  contextLength?: number | undefined;
  /** Tokens. */
  maxOutput?: number | undefined;
  /** What people call it. */
  displayName?: string | undefined;
  tools?: boolean | undefined;
  vision?: boolean | undefined;
  thinking?: boolean | undefined;
  /** It fills holes in code; false where not even a chat about one would. */
  fim?: boolean | undefined;
  /** It makes vectors and does not chat. */
  embedding?: boolean | undefined;
  price?: Price | undefined;
  /** What a real Ollama says of a model of its own; passed on as it is. */
  listed?:
    | {
        digest: string;
        /** Bytes. */
        size: number;
        details: Record<string, unknown>;
        /** RFC 3339, or empty. */
        modified_at: string;
        capabilities?: string[];
      }
    | undefined;
}

/** US dollars for one token. */
export interface Price {
  input: number;
  output: number;
  /** Of the input, what was read from the provider's own cache. */
  cached?: number | undefined;
}
