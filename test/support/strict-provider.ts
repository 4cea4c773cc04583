import { json, startFakeProvider, type Answer, type FakeProvider } from "./fake-provider.ts";

/** A provider as strict as OpenAI: what it does not know, or knows to be wrong, is a 400 that names the field. */
export async function startStrictProvider(
  answer: Answer,
  { models = ["gpt-strict"] } = {},
): Promise<FakeProvider> {
  const provider = await startFakeProvider(answer, { models });
  let scripted = answer;
  const strict: Answer = (response, request) => {
    const refusal = refusalOf(request.path, request.body);
    if (refusal === undefined) return scripted(response, request);
    return json(
      { error: { message: refusal, type: "invalid_request_error", param: null, code: null } },
      { status: 400 },
    )(response, request);
  };
  Object.defineProperty(provider, "answer", {
    get: () => strict,
    set: (next: Answer) => {
      scripted = next;
    },
  });
  return provider;
}

type Body = Record<string, unknown>;

const COMMON = ["model", "stream", "stream_options", "temperature", "top_p", "stop", "seed"];

const FIELDS: Record<string, string[]> = {
  "/v1/chat/completions": [
    ...COMMON,
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "response_format",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "reasoning_effort",
    "user",
    "n",
    "store",
    "metadata",
  ],
  "/v1/completions": [
    ...COMMON,
    "prompt",
    "suffix",
    "max_tokens",
    "presence_penalty",
    "frequency_penalty",
  ],
  "/v1/embeddings": ["model", "input", "encoding_format", "dimensions", "user"],
};

/** How a provider differs from OpenAI in what it takes. */
export interface Strictness {
  /** Further fields. */
  fields?: string[];
  /** Fields of OpenAI's that it does not take. */
  without?: string[];
  /** Further fields of a message. */
  messageFields?: string[];
  /** An assistant's content may be a list. */
  parts?: boolean;
  maxStops?: number;
}

/** What is wrong with a request; undefined when nothing is. */
export function refusalOf(
  path: string,
  body: unknown,
  strictness: Strictness = {},
): string | undefined {
  const { fields: further = [], without = [], maxStops = 4 } = strictness;
  const fields = FIELDS[path]?.concat(further).filter((name) => !without.includes(name));
  if (!fields) return `Unknown path ${path}`;
  if (typeof body !== "object" || body === null) return "The body is no object";
  const request = body as Body;
  const unknown = Object.keys(request).find((name) => !fields.includes(name));
  if (unknown !== undefined) return `Unrecognized request argument supplied: ${unknown}`;
  const empty = Object.entries(request).find(([, value]) => value === null)?.[0];
  if (empty !== undefined) return `None is not of the expected type - '${empty}'`;
  if (typeof request["model"] !== "string") return "you must provide a model parameter";
  return (
    wrongStops(request, maxStops) ??
    wrongStream(request) ??
    wrongTools(request) ??
    wrongFormat(request) ??
    wrongInput(request) ??
    wrongMessages(request["messages"], strictness)
  );
}

function wrongStops({ stop }: Body, most: number): string | undefined {
  if (!Array.isArray(stop)) return undefined;
  if (stop.length === 0) return "[] is too short - 'stop'";
  return stop.length > most
    ? `Invalid 'stop': array too long. Expected at most ${most}`
    : undefined;
}

function wrongStream({ stream, stream_options }: Body): string | undefined {
  if (stream_options === undefined || stream === true) return undefined;
  return "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
}

function wrongTools({ tools, tool_choice, parallel_tool_calls }: Body): string | undefined {
  if (tools === undefined) {
    if (tool_choice !== undefined)
      return "'tool_choice' is only allowed when 'tools' are specified.";
    return parallel_tool_calls === undefined
      ? undefined
      : "'parallel_tool_calls' is only allowed when 'tools' are specified.";
  }
  if (!Array.isArray(tools) || tools.length === 0) return "[] is too short - 'tools'";
  const names = (
    tools as { type: unknown; function?: { name?: unknown; parameters?: unknown } }[]
  ).map(({ type, function: described }) =>
    type === "function" && typeof described?.parameters === "object" ? described.name : undefined,
  );
  return names.every((name) => typeof name === "string" && /^[\w-]{1,64}$/.test(name))
    ? undefined
    : "Invalid 'tools': a function needs a type, a name and parameters";
}

function wrongFormat({ response_format, messages }: Body): string | undefined {
  if (response_format === undefined) return undefined;
  const { type, json_schema } = response_format as { type?: string; json_schema?: Body };
  if (type === "json_object") {
    return /json/i.test(JSON.stringify(messages))
      ? undefined
      : "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  }
  if (type === "text") return undefined;
  const { name, schema } = json_schema ?? {};
  return type === "json_schema" && typeof name === "string" && typeof schema === "object"
    ? undefined
    : "Missing required parameter: 'response_format.json_schema'";
}

function wrongInput({ input }: Body): string | undefined {
  if (input === undefined) return undefined;
  const list: unknown[] = Array.isArray(input) ? input : [input];
  return list.length > 0 && list.every((text) => typeof text === "string" && text !== "")
    ? undefined
    : "'$.input' is invalid.";
}

interface Message extends Body {
  role?: string;
  content?: unknown;
  tool_calls?: {
    id?: unknown;
    type?: unknown;
    function?: { name?: unknown; arguments?: unknown };
  }[];
  tool_call_id?: string;
}

const MESSAGE_FIELDS = ["role", "content", "name", "tool_calls", "tool_call_id", "refusal"];

function wrongMessages(
  messages: unknown,
  { messageFields = [], parts = false }: Strictness,
): string | undefined {
  if (messages === undefined) return undefined;
  if (!Array.isArray(messages) || messages.length === 0) return "[] is too short - 'messages'";
  let open: string[] = [];
  for (const [index, message] of (messages as Message[]).entries()) {
    const at = `messages.[${index}]`;
    const known = [...MESSAGE_FIELDS, ...messageFields];
    const unknown = Object.keys(message).find((name) => !known.includes(name));
    if (unknown !== undefined)
      return `Additional properties are not allowed ('${unknown}') - '${at}'`;
    const { role = "", content, tool_calls, tool_call_id = "" } = message;
    if (!["system", "developer", "user", "assistant", "tool"].includes(role)) {
      return `'${role}' is not one of the roles - '${at}.role'`;
    }
    if (role === "tool") {
      if (!open.includes(tool_call_id)) {
        return `Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'. - '${at}'`;
      }
      open = open.filter((id) => id !== tool_call_id);
    } else if (open.length > 0) {
      return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${open.join(", ")} - '${at}'`;
    }
    const isList = parts && role === "assistant" && Array.isArray(content);
    const hasCalls = tool_calls !== undefined;
    const wrong = isList ? undefined : wrongContent(content, { role, hasCalls, at });
    if (wrong !== undefined) return wrong;
    if (tool_calls) {
      const bad = wrongCalls(tool_calls, at);
      if (bad !== undefined) return bad;
      open = tool_calls.map(({ id }) => String(id));
    }
  }
  return open.length > 0 ? `Unanswered tool calls: ${open.join(", ")}` : undefined;
}

function wrongCalls(calls: NonNullable<Message["tool_calls"]>, at: string): string | undefined {
  if (calls.length === 0) return `[] is too short - '${at}.tool_calls'`;
  const ids = calls.map(({ id }) => id);
  if (new Set(ids).size < ids.length) return `Duplicate ids - '${at}.tool_calls'`;
  const isRight = calls.every(
    ({ id, type, function: called }) =>
      typeof id === "string" &&
      0 < id.length &&
      id.length <= 40 &&
      type === "function" &&
      typeof called?.name === "string" &&
      typeof called.arguments === "string",
  );
  return isRight ? undefined : `Invalid tool call - '${at}.tool_calls'`;
}

/** The bytes that each type begins with, in hexadecimal. */
const MAGIC: Record<string, RegExp> = {
  "image/png": /^89504e47/,
  "image/jpeg": /^ffd8ff/,
  "image/gif": /^47494638/,
  "image/webp": /^52494646/,
};

function wrongContent(
  content: unknown,
  { role, hasCalls, at }: { role: string; hasCalls: boolean; at: string },
): string | undefined {
  if (content === null && role === "assistant" && hasCalls) return undefined;
  if (typeof content === "string") return undefined;
  if (!Array.isArray(content) || content.length === 0) return `Invalid content - '${at}.content'`;
  if (role !== "user") return `Content must be text - '${at}.content'`;
  for (const part of content as Body[]) {
    if (part["type"] === "text" && typeof part["text"] === "string") continue;
    const url = (part["image_url"] as { url?: string } | undefined)?.url ?? "";
    if (part["type"] !== "image_url") return `Invalid part - '${at}.content'`;
    if (/^https:\/\//.test(url)) continue;
    const [, type = "", data = ""] = /^data:([^;]+);base64,(.+)$/.exec(url) ?? [];
    const bytes = Buffer.from(data, "base64").toString("hex");
    if (!MAGIC[type]?.test(bytes)) return `You uploaded an unsupported image (${type}) - '${at}'`;
  }
  return undefined;
}
