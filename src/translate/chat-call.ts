import type { Dialect } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import { structure } from "./format.ts";
import { repairHistory } from "./history.ts";
import { toSamplingFields, type Sampling } from "./options.ts";
import { replayReasoning } from "./replay.ts";
import { toThinkingFields, type Think } from "./think.ts";
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

/** What the provider is sent: what was asked, in its dialect, with a history that it accepts. */
export function toProviderRequest(
  call: ChatCall,
  { model, dialect, recall }: { model: string; dialect: Dialect; recall: Recall },
): openai.ChatRequest {
  const replayed = replayReasoning(repairHistory(call.messages, dialect), {
    replay: dialect.replay,
    recall,
    isThinking: call.think !== undefined && call.think !== false,
  });
  const { messages, response_format } = structure(
    replayed.map((message) => withoutGaps(message, dialect)),
    call.format,
    dialect.structured,
  );
  return {
    ...othersFor(call, dialect),
    model,
    stream: call.stream,
    ...(call.stream && dialect.streamOptions && { stream_options: { include_usage: true } }),
    ...(response_format && { response_format }),
    ...toSamplingFields(call.sampling, dialect),
    ...toThinkingFields(call, dialect.thinking),
    ...toLogprobFields(call.topLogprobs, dialect),
    ...toToolFields(call, dialect),
    messages,
  };
}

/** `parallel_tool_calls` is refused by OpenAI where there are no tools, and by some always. */
function othersFor(
  { others, tools }: ChatCall,
  { refuses }: Dialect,
): Omit<ChatCall["others"], "parallel_tool_calls"> {
  const { parallel_tool_calls, ...rest } = others;
  const isSent = tools.length > 0 && !refuses.includes("parallel_tool_calls");
  return { ...rest, ...(isSent && parallel_tool_calls !== undefined && { parallel_tool_calls }) };
}

/** No tools means neither field: an empty list is an error to OpenAI, Groq and Together. */
function toToolFields(
  { tools, toolChoice }: ChatCall,
  { requiredTool }: Dialect,
): Pick<openai.ChatRequest, "tools" | "tool_choice"> {
  if (tools.length === 0) return {};
  const choice = toolChoice === "required" ? requiredTool : toolChoice;
  const isSent = choice !== undefined && !(toolChoice === "required" && requiredTool === "none");
  return { tools: tools.map(withParameters), ...(isSent && { tool_choice: choice }) };
}

/** A tool passes as it is; strict servers only miss the parameters of one that has none. */
function withParameters(tool: openai.Tool): openai.Tool {
  if (tool.type && tool.type !== "function") return tool;
  const { function: described } = tool;
  return {
    ...tool,
    type: "function",
    function: { ...described, parameters: described.parameters ?? NO_PARAMETERS },
  };
}

const NO_PARAMETERS = { type: "object", properties: {} };

function toLogprobFields(
  top: number | undefined,
  { refuses }: Dialect,
): Pick<openai.ChatRequest, "logprobs" | "top_logprobs"> {
  if (top === undefined || refuses.includes("logprobs")) return {};
  return { logprobs: true, ...(top > 0 && { top_logprobs: top }) };
}

/** Calls without words, and words that are not there. */
function withoutGaps(message: openai.ChatMessage, { emptyContent }: Dialect): openai.ChatMessage {
  const { content, role, tool_calls } = message;
  if (role === "assistant" && tool_calls && (!content || content.length === 0)) {
    return { ...message, content: emptyContent };
  }
  return content === undefined || content === null ? { ...message, content: "" } : message;
}
