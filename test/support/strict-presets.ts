import type { PresetName } from "../../src/upstream/presets.ts";
import type { TransportCall } from "../../src/upstream/transport.ts";
import { refusalOf, type Strictness } from "./strict-provider.ts";

/*
 * What the real providers refuse, told from what is known of them and not from the bridge's own tables: providers.md,
 * sections 1, 3 and 8.
 */

interface Message {
  role: string;
  content?: unknown;
  name?: string;
  prefix?: boolean;
  partial?: boolean;
  reasoning_content?: string;
  tool_calls?: { id: string; function: { name: string }; extra_content?: unknown }[];
  tool_call_id?: string;
}

interface Request extends Record<string, unknown> {
  model: string;
  messages: Message[];
  stream: boolean;
  tools?: { function: { name: string; parameters?: unknown; strict?: unknown } }[];
  tool_choice?: unknown;
  response_format?: { type: string; json_schema?: { schema?: unknown } };
}

type Rule = (request: Request) => string | undefined;

interface StrictPreset extends Strictness {
  /** Where it listens, and what a call must carry. */
  url: string;
  headers: Record<string, string>;
  rules?: Rule[];
}

const bearer = { authorization: "Bearer test-key" };

const SAMPLING = ["top_k", "min_p", "repetition_penalty"];
const PENALTIES = ["presence_penalty", "frequency_penalty"];
const LOGPROBS = ["logprobs", "top_logprobs"];

const isLast = (messages: Message[], message: Message) => messages.at(-1) === message;

const alternating: Rule = ({ messages }) => {
  const talk = messages.filter(({ role }) => role === "user" || role === "assistant");
  const isRepeated = talk.some(
    ({ role, tool_calls }, index) =>
      role === talk[index - 1]?.role && !tool_calls && !talk[index - 1]?.tool_calls,
  );
  return isRepeated ? "Conversation roles must alternate user/assistant" : undefined;
};

const oneSystemInFront: Rule = ({ messages }) =>
  messages.slice(1).some(({ role }) => role === "system")
    ? "System message must be at the beginning."
    : undefined;

const temperatureIn =
  (min: number, max: number): Rule =>
  ({ temperature }) => {
    if (typeof temperature !== "number" || (min <= temperature && temperature <= max))
      return undefined;
    return `temperature must be between ${min} and ${max}`;
  };

const noFormat =
  (...types: string[]): Rule =>
  ({ response_format: format }) =>
    format && types.includes(format.type)
      ? `'response_format.type' ${format.type} is not supported`
      : undefined;

const noKeyword =
  (keyword: string, where: "tools" | "all"): Rule =>
  ({ tools, response_format }) => {
    const schemas = [tools?.map((tool) => tool.function.parameters)];
    if (where === "all") schemas.push([response_format?.json_schema?.schema]);
    const isThere = JSON.stringify(schemas).includes(`"${keyword}":`);
    return isThere ? `Unknown name "${keyword}" at 'tools': Cannot find field.` : undefined;
  };

const toolNames =
  (pattern: RegExp): Rule =>
  ({ tools = [] }) =>
    tools.every((tool) => pattern.test(tool.function.name)) ? undefined : "Invalid function name";

const noImages: Rule = ({ messages }) =>
  JSON.stringify(messages).includes('"image_url"')
    ? "unknown variant `image_url`, expected `text`"
    : undefined;

const noRequiredTool: Rule = ({ tool_choice }) =>
  tool_choice === "required" ? "tool_choice 'required' is not supported" : undefined;

/** What OpenAI's reasoning models take no part in. */
const asReasoning: Rule = (request) => {
  const refused = ["max_tokens", "temperature", "top_p", "stop", ...PENALTIES, ...LOGPROBS];
  const found = refused.find((name) => name in request);
  return found && `Unsupported parameter: '${found}' is not supported with this model.`;
};

const STRICT: Partial<Record<PresetName, StrictPreset>> = {
  openai: {
    url: "https://api.openai.com/v1/",
    headers: bearer,
    rules: [
      (request) => {
        if (!/^gpt-4/.test(request.model)) return asReasoning(request);
        return "reasoning_effort" in request
          ? "Unrecognized request argument: reasoning_effort"
          : undefined;
      },
    ],
  },
  azure: {
    url: "https://me.openai.azure.com/openai/v1/",
    headers: { "api-key": "test-key" },
    without: ["reasoning_effort"],
  },
  "azure-classic": {
    url: "https://me.openai.azure.com/openai/deployments/gpt-5/",
    headers: { "api-key": "test-key" },
    rules: [asReasoning],
  },
  openrouter: {
    url: "https://openrouter.ai/api/v1/",
    headers: bearer,
    fields: [...SAMPLING, "reasoning"],
    messageFields: ["reasoning_details"],
  },
  deepseek: {
    url: "https://api.deepseek.com/",
    headers: bearer,
    fields: ["thinking"],
    messageFields: ["reasoning_content", "prefix"],
    maxStops: 16,
    without: ["max_completion_tokens", "parallel_tool_calls"],
    rules: [
      noImages,
      noFormat("json_schema"),
      noRequiredTool,
      ({ messages, thinking }) => {
        const isOn = (thinking as { type?: string } | undefined)?.type === "enabled";
        const lacks = messages.some(
          ({ role, reasoning_content }) => role === "assistant" && reasoning_content === undefined,
        );
        return isOn && lacks
          ? "The reasoning_content in the thinking mode must be passed back"
          : undefined;
      },
    ],
  },
  mistral: {
    url: "https://api.mistral.ai/v1/",
    headers: bearer,
    fields: ["random_seed"],
    messageFields: ["prefix"],
    parts: true,
    without: ["seed", "stream_options", "max_completion_tokens", "user", ...LOGPROBS],
    rules: [
      alternating,
      temperatureIn(0, 1.5),
      noKeyword("$schema", "tools"),
      noKeyword("$ref", "tools"),
      ({ messages }) => {
        for (const [index, message] of messages.entries()) {
          const { role, tool_calls = [], name, prefix } = message;
          const ids = tool_calls.map(({ id }) => id).concat(message.tool_call_id ?? []);
          if (ids.some((id) => !/^[A-Za-z0-9]{9}$/.test(id))) {
            return "Tool call id must be a-z, A-Z, 0-9, with a length of 9.";
          }
          if (role === "user" && messages[index - 1]?.role === "tool") {
            return "Unexpected role 'user' after role 'tool'";
          }
          if (role === "assistant" && isLast(messages, message) && !prefix) {
            return "Expected last role User or Tool (or Assistant with prefix True)";
          }
          if (name !== undefined && role !== "tool")
            return "messages.name: Extra inputs are not permitted";
        }
        return undefined;
      },
    ],
  },
  groq: {
    url: "https://api.groq.com/openai/v1/",
    headers: bearer,
    messageFields: ["reasoning"],
    without: LOGPROBS,
    rules: [
      ({ messages }) =>
        messages.some(({ role, name }) => name !== undefined && role !== "tool")
          ? "property 'name' is unsupported"
          : undefined,
    ],
  },
  xai: {
    url: "https://api.x.ai/v1/",
    headers: bearer,
    without: ["reasoning_effort", "stop", ...PENALTIES],
    rules: [noKeyword("additionalProperties", "tools")],
  },
  together: {
    url: "https://api.together.xyz/v1/",
    headers: bearer,
    fields: [...SAMPLING, "reasoning"],
  },
  fireworks: {
    url: "https://api.fireworks.ai/inference/v1/",
    headers: bearer,
    fields: SAMPLING,
    rules: [
      ({ max_tokens, stream }) =>
        Number(max_tokens) > 4096 && !stream
          ? "Requests with max_tokens > 4096 must have stream=true"
          : undefined,
    ],
  },
  cerebras: {
    url: "https://api.cerebras.ai/v1/",
    headers: bearer,
    without: [...PENALTIES, "parallel_tool_calls"],
    rules: [
      ({ response_format: format }) => {
        const schema = JSON.stringify(format?.json_schema?.schema ?? {});
        const objects = schema.split('"type":"object"').length - 1;
        const closed = schema.split('"additionalProperties":false').length - 1;
        return closed < objects
          ? "additionalProperties: false is required on every object"
          : undefined;
      },
    ],
  },
  perplexity: {
    url: "https://api.perplexity.ai/",
    headers: bearer,
    without: ["stop", "seed", ...LOGPROBS],
    rules: [alternating, oneSystemInFront, noFormat("json_object")],
  },
  moonshot: {
    url: "https://api.moonshot.ai/v1/",
    headers: bearer,
    fields: ["thinking"],
    messageFields: ["reasoning_content", "partial"],
    maxStops: 16,
    without: ["temperature", "top_p"],
    rules: [
      noRequiredTool,
      noFormat("json_schema"),
      toolNames(/^[A-Za-z][\w-]{0,63}$/),
      ({ tools = [] }) =>
        tools.every((tool) => (tool.function.parameters as { type?: string }).type === "object")
          ? undefined
          : "the root of parameters must be type: object",
    ],
  },
  zai: {
    url: "https://api.z.ai/api/paas/v4/",
    headers: bearer,
    fields: ["thinking"],
    messageFields: ["reasoning_content"],
    rules: [noFormat("json_schema")],
  },
  minimax: {
    url: "https://api.minimax.io/v1/",
    headers: bearer,
    fields: ["reasoning_split"],
    without: ["reasoning_effort"],
    rules: [({ temperature }) => (temperature === 0 ? "invalid params, temperature" : undefined)],
  },
  dashscope: {
    url: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/",
    headers: bearer,
    fields: ["top_k", "enable_thinking"],
    rules: [
      ({ enable_thinking, stream }) =>
        enable_thinking !== false && !stream
          ? "parameter.enable_thinking must be set to false for non-streaming calls"
          : undefined,
    ],
  },
  gemini: {
    url: "https://generativelanguage.googleapis.com/v1beta/openai/",
    headers: bearer,
    maxStops: 5,
    without: ["seed", "user", "parallel_tool_calls", ...PENALTIES, ...LOGPROBS],
    rules: [
      noKeyword("$schema", "all"),
      noKeyword("$ref", "all"),
      noKeyword("additionalProperties", "all"),
      noKeyword("const", "all"),
      toolNames(/^[A-Za-z_]/),
      ({ messages }) => {
        for (const { role, name, tool_calls } of messages) {
          if (role === "tool" && !name) return "function_response.name: Name cannot be empty.";
          if (tool_calls && !tool_calls[0]?.extra_content) {
            return "Function call is missing a thought_signature in functionCall parts.";
          }
        }
        return undefined;
      },
    ],
  },
  anthropic: {
    url: "https://api.anthropic.com/v1/",
    headers: { ...bearer, "anthropic-version": "2023-06-01" },
    without: ["seed", "response_format", "reasoning_effort", ...PENALTIES, ...LOGPROBS],
    rules: [
      temperatureIn(0, 1),
      oneSystemInFront,
      ({ messages }) =>
        messages.some(
          ({ role, content, tool_calls }) => content === "" && !tool_calls && role !== "tool",
        )
          ? "messages: text content blocks must be non-empty"
          : undefined,
    ],
  },
  nvidia: {
    url: "https://integrate.api.nvidia.com/v1/",
    headers: bearer,
    fields: ["chat_template_kwargs"],
    without: ["reasoning_effort"],
  },
  huggingface: { url: "https://router.huggingface.co/v1/", headers: bearer },
  vercel: {
    url: "https://ai-gateway.vercel.sh/v1/",
    headers: bearer,
    fields: ["reasoning"],
    messageFields: ["reasoning_details"],
    without: ["reasoning_effort"],
  },
  deepinfra: {
    url: "https://api.deepinfra.com/v1/openai/",
    headers: bearer,
    fields: ["reasoning", "repetition_penalty"],
  },
  "ollama-cloud": { url: "https://ollama.com/v1/", headers: bearer },
  lmstudio: {
    url: "http://127.0.0.1:1234/v1/",
    headers: bearer,
    fields: ["top_k", "repeat_penalty"],
    rules: [noFormat("json_object")],
  },
  "llama-cpp": {
    url: "http://127.0.0.1:8080/v1/",
    headers: bearer,
    fields: [
      "top_k",
      "min_p",
      "typical_p",
      "repeat_penalty",
      "repeat_last_n",
      "chat_template_kwargs",
    ],
    messageFields: ["reasoning_content"],
    maxStops: Infinity,
  },
  vllm: {
    url: "http://127.0.0.1:8000/v1/",
    headers: bearer,
    fields: [...SAMPLING, "chat_template_kwargs"],
    maxStops: Infinity,
  },
  litellm: { url: "http://127.0.0.1:4000/v1/", headers: bearer },
};

/** Presets whose strictness is known. */
export const STRICT_PRESETS = Object.keys(STRICT) as PresetName[];

/** What the provider would say to a call; undefined when it would answer. */
export function refusalAt(preset: PresetName, call: TransportCall): string | undefined {
  const strict = STRICT[preset];
  if (!strict) return "nothing is known of it";
  const { url, headers } = strict;
  if (!call.url.startsWith(url)) return `404: ${call.url} is not below ${url}`;
  if (preset === "azure-classic" && !call.url.includes("?api-version="))
    return "404: no api-version";
  for (const [name, value] of Object.entries(headers)) {
    if (call.headers[name] !== value)
      return `401: the header ${name} is ${call.headers[name] ?? "missing"}`;
  }
  return bodyRefusalAt(preset, JSON.parse(call.body ?? "{}") as object);
}

/** The same of a body alone. */
export function bodyRefusalAt(preset: PresetName, body: object): string | undefined {
  const { rules = [], ...strictness } = STRICT[preset] ?? {};
  const wrong = refusalOf("/v1/chat/completions", body, strictness);
  return wrong ?? rules.map((rule) => rule(body as Request)).find((one) => one !== undefined);
}
