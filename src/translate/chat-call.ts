import type { Dialect, SchemaRules } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import { structure } from "./format.ts";
import { repairHistory } from "./history.ts";
import { cleanSchema } from "./json-schema.ts";
import { followRules } from "./message-rules.ts";
import { toSamplingFields, type Sampling } from "./options.ts";
import { replayReasoning } from "./replay.ts";
import { toThinkingFields, type Think } from "./think.ts";
import { legalToolNames, type ToolNames } from "./tool-names.ts";
import type { Recall } from "./turn-key.ts";

/** A chat as a client asked for it, in either language, before the provider's dialect is applied. */
export interface ChatCall {
  messages: openai.ChatMessage[];
  stream: boolean;
  sampling: Sampling;
  think: Think | undefined;
  /** The effort in a `/v1` client's own word, for providers that know it. */
  effort?: string;
  format: openai.ResponseFormat | undefined;
  tools: openai.Tool[];
  toolChoice: openai.ToolChoice | undefined;
  /** How many alternatives to each token; undefined when no probabilities are wanted. */
  topLogprobs: number | undefined;
  /** Fields of a `/v1` client that the bridge does not know, for the provider to judge. */
  others: Record<string, unknown>;
}

/** What the provider is sent, and what its answer is to be read with. */
export interface ProviderRequest {
  request: openai.ChatRequest;
  /** The client's names of functions by those in the request; empty when they are the same. */
  ownNames: ReadonlyMap<string, string>;
}

export interface ProviderRequestOptions {
  /** The provider's own spelling. */
  model: string;
  dialect: Dialect;
  recall: Recall;
}

/**
 * What was asked, in the provider's dialect, with a history that it accepts.
 *
 * @throws BridgeError `invalid_request` for images where there is only text
 */
export function toProviderRequest(
  call: ChatCall,
  options: ProviderRequestOptions,
): ProviderRequest {
  const { model, dialect } = options;
  const names = legalToolNames(call.tools, { messages: call.messages, rule: dialect.toolNames });
  const { messages, response_format } = structure(
    toProviderMessages(call, options).map((message) => renamed(message, names)),
    call.format,
    dialect.structured,
  );
  const stream = dialect.streaming === "asked" ? call.stream : dialect.streaming === "always";
  const request: openai.ChatRequest = {
    ...call.others,
    ...dialect.extra,
    model,
    stream,
    ...(stream && dialect.streamOptions && { stream_options: { include_usage: true } }),
    ...(response_format && { response_format: cleanFormat(response_format, dialect) }),
    ...toSamplingFields(call.sampling, dialect),
    ...toThinkingFields(call, dialect.thinking),
    ...toLogprobFields(call.topLogprobs),
    ...toToolFields(call, { dialect, names }),
    messages,
  };
  return { request: withoutRefused(request, dialect), ownNames: names.back };
}

function toProviderMessages(
  { messages, think }: ChatCall,
  { dialect, recall }: ProviderRequestOptions,
): openai.ChatMessage[] {
  const replayed = replayReasoning(repairHistory(messages, dialect), {
    replay: dialect.replay,
    recall,
    isThinking: think !== undefined && think !== false,
  });
  const whole = replayed.map((message) => withoutGaps(message, dialect));
  return followRules(whole, dialect.messages);
}

/** `parallel_tool_calls` is refused by OpenAI where there are no tools, an effort by some of its models where there are. */
function withoutRefused(
  request: openai.ChatRequest,
  { refuses, effortWithTools }: Dialect,
): openai.ChatRequest {
  return withoutFields(request, [
    ...refuses,
    ...(request.tools ? [] : ["parallel_tool_calls"]),
    ...(request.tools && !effortWithTools ? ["reasoning_effort"] : []),
  ]);
}

/** The request without the fields that would be refused. */
export function withoutFields<T extends object>(request: T, names: readonly string[]): T {
  const kept = Object.entries(request).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept) as T;
}

function cleanFormat(
  format: openai.ResponseFormat,
  { schemas: rules }: Dialect,
): openai.ResponseFormat {
  if (format.type !== "json_schema") return format;
  const { json_schema } = format;
  const schema = cleanSchema(json_schema.schema, { rules, use: "format" });
  return {
    ...format,
    json_schema: { ...json_schema, schema: schema as Record<string, unknown> },
  };
}

function renamed(message: openai.ChatMessage, { back, toLegal }: ToolNames): openai.ChatMessage {
  if (back.size === 0) return message;
  const { tool_calls, name } = message;
  return {
    ...message,
    ...(name && { name: toLegal(name) }),
    ...(tool_calls && {
      tool_calls: tool_calls.map((one) => ({
        ...one,
        function: { ...one.function, name: toLegal(one.function.name) },
      })),
    }),
  };
}

/** No tools means neither field: an empty list is an error to OpenAI, Groq and Together. */
function toToolFields(
  { tools, toolChoice }: ChatCall,
  { dialect: { requiredTool, schemas }, names }: { dialect: Dialect; names: ToolNames },
): Pick<openai.ChatRequest, "tools" | "tool_choice"> {
  if (tools.length === 0) return {};
  const choice = toolChoice === "required" ? requiredTool : renamedChoice(toolChoice, names);
  const isSent = choice !== undefined && !(toolChoice === "required" && requiredTool === "none");
  return {
    tools: tools.map((tool) => toProviderTool(tool, { schemas, names })),
    ...(isSent && { tool_choice: choice }),
  };
}

function renamedChoice(
  choice: openai.ToolChoice | undefined,
  { back, toLegal }: ToolNames,
): openai.ToolChoice | undefined {
  if (back.size === 0 || typeof choice !== "object") return choice;
  const { function: chosen } = choice as { function?: { name?: unknown } };
  if (typeof chosen?.name !== "string") return choice;
  return { ...choice, function: { ...chosen, name: toLegal(chosen.name) } };
}

/** Strict servers miss the parameters of a function that has none, and the type of an object. */
function toProviderTool(
  tool: openai.Tool,
  { schemas, names }: { schemas: SchemaRules; names: ToolNames },
): openai.Tool {
  if (tool.type && tool.type !== "function") return tool;
  const { strict, ...described } = tool.function as openai.Tool["function"] & { strict?: unknown };
  const parameters = cleanSchema(described.parameters ?? NO_PARAMETERS, {
    rules: schemas,
    use: "tool",
  });
  return {
    ...tool,
    type: "function",
    function: {
      ...described,
      name: names.toLegal(described.name),
      parameters: typed(parameters),
      // Whoever has rules of its own for schemas does not know it.
      ...(strict !== undefined && schemas === "any" && { strict }),
    },
  };
}

const NO_PARAMETERS = { type: "object", properties: {} };

function typed(parameters: unknown): unknown {
  const isUntyped =
    typeof parameters === "object" &&
    parameters !== null &&
    !Array.isArray(parameters) &&
    !UNTYPED.some((keyword) => keyword in parameters);
  return isUntyped ? { type: "object", ...parameters } : parameters;
}

const UNTYPED = ["type", "anyOf", "oneOf", "allOf", "$ref"];

function toLogprobFields(
  top: number | undefined,
): Pick<openai.ChatRequest, "logprobs" | "top_logprobs"> {
  if (top === undefined) return {};
  return { logprobs: true, ...(top > 0 && { top_logprobs: top }) };
}

/** Calls without words, and words that are not there. */
function withoutGaps(message: openai.ChatMessage, { emptyContent }: Dialect): openai.ChatMessage {
  const { content, role, tool_calls } = message;
  if (role === "assistant" && tool_calls && (!content || content.length === 0)) {
    return { ...message, content: emptyContent };
  }
  // Anthropic, Bedrock and Azure refuse a user who says nothing; a space means as little.
  if (!content && role === "user") return { ...message, content: " " };
  return content === undefined || content === null ? { ...message, content: "" } : message;
}
