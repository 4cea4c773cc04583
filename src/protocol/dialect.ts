/**
 * What a provider understands beyond plain Chat Completions, and where it falls short of it. Data, no
 * decisions: `upstream/presets.ts` and `upstream/dialects.ts` have the tables, `translate/` follows them.
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
  /** Fields that it refuses, under the name in which they are sent. They are left out. */
  refuses: readonly string[];
  /** Least and greatest temperature; others are brought to the nearer one. */
  temperature: { min: number; max: number };
  /** Fields that each request carries besides. */
  extra: Readonly<Record<string, unknown>>;
  /** Whether it is asked for a stream as the client asked, always, or never: some models know only one way. */
  streaming: "asked" | "always" | "never";
  messages: MessageRules;
  thinking: ThinkingStyle;
  /** Reasoning of earlier turns: the field in which it goes back, and on which turns it must. */
  replay: Replay;
  /** Whether tools and an effort may be sent together. */
  effortWithTools: boolean;
  /** What JSON Schemas of tools and formats are cleaned of. */
  schemas: SchemaRules;
  /** How a function's name must begin; the rest is letters, digits, `_` and `-`, at most 64. */
  toolNames: "any" | "letter";
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

/** A part of a dialect: what a preset, a user's setting or a provider's refusal says about it. */
export type Quirks = Maybe<Omit<Dialect, "messages">> & {
  messages?: Maybe<MessageRules> | undefined;
};

type Maybe<T> = { [K in keyof T]?: T[K] | undefined };

/** The dialect with the quirks on top; of their messages' rules each counts alone, lists of refused fields add up. */
export function withQuirks(dialect: Dialect, quirks: Quirks): Dialect {
  return {
    ...dialect,
    ...defined<Omit<Dialect, "messages">>(quirks),
    refuses: [...new Set([...dialect.refuses, ...(quirks.refuses ?? [])])],
    extra: { ...dialect.extra, ...quirks.extra },
    messages: { ...dialect.messages, ...defined<MessageRules>(quirks.messages ?? {}) },
  };
}

/** Both; where they say different things, the second. */
export function joinQuirks(first: Quirks, second: Quirks): Quirks {
  const refuses = [...new Set([...(first.refuses ?? []), ...(second.refuses ?? [])])];
  const extra = { ...first.extra, ...second.extra };
  const messages = { ...first.messages, ...second.messages };
  return {
    ...first,
    ...second,
    ...(refuses.length > 0 && { refuses }),
    ...(Object.keys(extra).length > 0 && { extra }),
    ...(Object.keys(messages).length > 0 && { messages }),
  };
}

function defined<T>(some: Maybe<T>): Partial<T> {
  return Object.fromEntries(
    Object.entries(some).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

/** Ollama's names. */
export type LocalOption = "top_k" | "min_p" | "typical_p" | "repeat_penalty" | "repeat_last_n";

/** What a strict provider or a model's template demands of a conversation. */
export interface MessageRules {
  /** The role of instructions; `user` puts them in front of the first words of the user's. */
  system: "system" | "developer" | "user";
  /** Several instructions become one, at the beginning. */
  oneSystem: boolean;
  /** Neighbours of one role become one message: the template wants user and assistant in turn. */
  merged: boolean;
  /** Content is always a string: there is no place for images. */
  textOnly: boolean;
  /** An assistant's words must stand between a tool's result and the user. */
  answeredTools: boolean;
  /** The mark of an assistant's beginning that is to be continued. */
  prefill: "none" | "prefix" | "partial";
}

/**
 * What a provider's parser of JSON Schemas stumbles over: `gemini` knows a part of OpenAPI 3, `mistral` builds a
 * grammar, `moonshot` has a subset of its own, `xai` refuses closed objects in tools, `closed` wants them closed.
 */
export type SchemaRules = "any" | "gemini" | "mistral" | "moonshot" | "xai" | "closed";

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
  | { kind: "effort"; levels: readonly string[]; on?: string | undefined; off?: string | undefined }
  | { kind: "reasoning" }
  | { kind: "type"; levels?: readonly string[] | undefined }
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
