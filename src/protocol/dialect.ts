/**
 * What a provider understands beyond plain Chat Completions, and where it falls short of it. Data, no
 * decisions: `upstream/dialects.ts` has the table, `translate/` follows it.
 */
export interface Dialect {
  /** The field that bounds an answer's tokens. */
  maxTokens: "max_tokens" | "max_completion_tokens";
  /** Whether `stream_options` may be sent; where it may not, the usage comes unasked. */
  streamOptions: boolean;
  /** Most entries that `stop` may have; the bridge enforces longer lists itself. 0 means none may be sent. */
  maxStops: number;
  seed: "seed" | "random_seed" | "none";
  /** Ollama's own sampling options that the provider takes, and what it calls them. */
  sampling: Partial<Record<LocalOption, string>>;
  /** Options of OpenAI's own that it refuses. */
  refuses: readonly RefusedField[];
  thinking: ThinkingStyle;
  /** Reasoning of earlier turns: the field in which it goes back, and on which turns it must. */
  replay: Replay;
  /** How far `response_format` reaches; what it lacks is asked for in words. */
  structured: "schema" | "schema-only" | "json-only" | "none";
  /** `content` of an assistant turn that consists of tool calls. */
  emptyContent: "" | null;
  /** Mistral and models of its make refuse tool-call ids that are not nine letters and digits. */
  toolIds: "any" | "nine";
  /** What `tool_choice: "required"` is called. */
  requiredTool: "required" | "any" | "none";
  /** Ways to fill in the middle, best first. Chat is always the last. */
  fim: readonly FimStrategy[];
  /** Whether `/completions` takes a raw prompt; undefined where only trying tells. */
  completions: boolean | undefined;
  embeddings: EmbeddingLimits;
}

/** Ollama's names. */
export type LocalOption = "top_k" | "min_p" | "typical_p" | "repeat_penalty" | "repeat_last_n";

type RefusedField =
  | "temperature"
  | "top_p"
  | "presence_penalty"
  | "frequency_penalty"
  | "logprobs"
  | "parallel_tool_calls";

/**
 * How thinking is asked for.
 * - `effort`: `reasoning_effort`, with the levels that exist; `off` is the one that ends it, if there is one.
 * - `reasoning`: OpenRouter's object.
 * - `type`: `thinking: {type: "enabled" | "disabled"}`.
 * - `enable`: `enable_thinking` at the top level (DashScope).
 * - `template`: `chat_template_kwargs` (vLLM, SGLang, llama.cpp).
 * - `none`: nothing may be sent.
 */
export type ThinkingStyle =
  | { kind: "effort"; levels: readonly string[]; on?: string; off?: string }
  | { kind: "reasoning" }
  | { kind: "type"; levels?: readonly string[] }
  | { kind: "enable" }
  | { kind: "template"; key: "enable_thinking" | "thinking" }
  | { kind: "none" };

export interface Replay {
  /**
   * `reasoning_content` and `reasoning` are fields of the message, `details` is OpenRouter's signed list,
   * `parts` Mistral's content list, `tags` is `<think>` in the content, `signature` Gemini's
   * `extra_content` of a tool call. `none`: OpenAI takes none back.
   */
  form: "none" | "reasoning_content" | "reasoning" | "details" | "parts" | "tags" | "signature";
  /** Turns that must carry it: all of the assistant's, or those with tool calls. */
  turns: "all" | "tools";
}

/**
 * - `fim`: Mistral's `/fim/completions`, whose answers look like a chat's.
 * - `beta`: DeepSeek's `/beta/completions` with `suffix`.
 * - `suffix`: `/completions` with `suffix`.
 * - `infill`: llama.cpp's `/infill`.
 * - `tokens`: `/completions` with the FIM tokens of the model behind it.
 * - `chat`: a chat with a prompt about the hole.
 */
export type FimStrategy = "fim" | "beta" | "suffix" | "infill" | "tokens" | "chat";

interface EmbeddingLimits {
  /** Most inputs in one call. */
  maxBatch: number;
  /** The field for the wished length; `none` where the bridge cuts. */
  dimensions: "dimensions" | "output_dimension" | "none";
  /** Whether `encoding_format: "float"` may be sent. */
  encodingFormat: boolean;
}
