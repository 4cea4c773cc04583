import { BridgeError } from "../base/errors.ts";
import { joinQuirks, type Dialect, type Quirks } from "../protocol/dialect.ts";

/** Words by which a field as such is refused, and not what it says. */
const UNSUPPORTED =
  /unsupported|not (?:\w+ )?(?:supported|permitted|allowed|available|enabled|accepted)|unknown|unrecogni[sz]ed|unexpected|extra[_ ](?:inputs|forbidden|fields)|does(?: not|n't) support|only (?:the default|supported?|\S+ is (?:allowed|supported))|deprecated|cannot (?:be )?(?:set|used|specified)|incompatible|must be (?:'|"|set to)|not compatible|no longer/i;

/** A number that is out of bounds is the client's to change. */
const OUT_OF_BOUNDS =
  /too (?:large|high|small|low|long)|(?:less|greater|more) than|at most|at least|between/i;

/** What every request has, and what would be missing without a word. */
const ESSENTIAL = new Set(["model", "messages", "prompt", "suffix", "tools", "input"]);

export interface Refused {
  request: object;
  dialect: Dialect;
}

/**
 * What a refusal teaches about a provider's dialect: which fields to leave out, to rename or to say otherwise, which
 * rules its messages follow. Undefined where it teaches nothing that would make a difference.
 */
export function learnFrom(error: unknown, refused: Refused): Quirks | undefined {
  if (!(error instanceof BridgeError) || ![400, 422].includes(error.upstreamStatus ?? 0)) {
    return undefined;
  }
  if (error.code === "context_overflow" || error.code === "upstream_unauthorized") return undefined;
  const text = error.message;
  const sentences = SENTENCES.filter(({ pattern }) => pattern.test(text)).map(({ teaches }) =>
    teaches(refused),
  );
  const fields = sentences.length > 0 ? [] : refusedFields(text, refused.request);
  const taught = [...sentences, ...fields.map((field) => lessonFor(field, { text, ...refused }))];
  const quirks = taught.reduce(joinQuirks, {});
  return Object.keys(quirks).length > 0 ? quirks : undefined;
}

interface Sentence {
  pattern: RegExp;
  teaches: (refused: Refused) => Quirks;
}

/** Refusals that name no field. */
const SENTENCES: Sentence[] = [
  {
    pattern:
      /system role (?:is )?not supported|does not support (?:the )?'?(?:system|developer)'? (?:role|message)|role'? does not support '(?:system|developer)'/i,
    teaches: ({ dialect }) => ({
      messages: { system: dialect.messages.system === "developer" ? "system" : "user" },
    }),
  },
  {
    pattern: /system message must be at the beginning|only one system message/i,
    teaches: () => ({ messages: { oneSystem: true } }),
  },
  { pattern: /roles must alternate/i, teaches: () => ({ messages: { merged: true } }) },
  {
    pattern: /unexpected role 'user' after role 'tool'/i,
    teaches: () => ({ messages: { answeredTools: true } }),
  },
  {
    pattern: /expected last role user or tool/i,
    teaches: () => ({ messages: { prefill: "prefix" } }),
  },
  {
    pattern: /tool call id.*(?:a-z, ?A-Z, ?0-9|length of 9)/i,
    teaches: () => ({ toolIds: "nine" }),
  },
  {
    pattern: /unknown name \\?"(?:\$schema|\$ref|\$defs|additionalProperties|const|propertyNames)/i,
    teaches: () => ({ schemas: "gemini" }),
  },
  {
    pattern: /tools? with reasoning_effort|reasoning_effort.*(?:with|and) (?:function )?tools/i,
    teaches: () => ({ effortWithTools: false }),
  },
  {
    pattern:
      /only supports? stream|stream(?:ing)? (?:mode )?is required|must (?:be|set).*stream.*true|for non-streaming calls|stream=true is required/i,
    teaches: ({ dialect }) => (dialect.streaming === "always" ? {} : { streaming: "always" }),
  },
  {
    pattern: /verified to stream|(?:does not support|unsupported).*\bstream(?:ing)?\b(?!_)/i,
    teaches: ({ dialect }) => (dialect.streaming === "never" ? {} : { streaming: "never" }),
  },
];

/** Fields of the request that the text refuses by name. Gemini lists all that it does not know. */
function refusedFields(text: string, request: object): string[] {
  if (!UNSUPPORTED.test(text)) return [];
  return Object.keys(request).filter((name) => !ESSENTIAL.has(name) && isNamed(name, text));
}

/** In quotes, in front of a colon, or as the subject of the sentence: `stop` and `user` are words as well. */
function isNamed(name: string, text: string): boolean {
  const named = [
    `["'\`\u2018\u201c]${name}(?:\\.\\w+)*["'\`\u2019\u201d]`,
    `(?:^|[:;.(] ?)${name}(?:\\.\\w+)*:`,
    `(?:parameters?|arguments?|fields?|property|option|invalid)(?: \\w+)?[.:\\s]*${name}\\b`,
    `\\b${name}(?: field| parameter| option)? (?:is|are|does|cannot|must)\\b`,
  ];
  return new RegExp(named.join("|"), "i").test(text);
}

interface Field extends Refused {
  text: string;
}

const THINKING = [
  "reasoning_effort",
  "reasoning",
  "thinking",
  "enable_thinking",
  "chat_template_kwargs",
];

/** How to do without the field, or with what stands for it. */
function lessonFor(name: string, { text, request, dialect }: Field): Quirks {
  if (name === "max_tokens" || name === "max_completion_tokens") {
    if (OUT_OF_BOUNDS.test(text)) return {};
    return { maxTokens: name === "max_tokens" ? "max_completion_tokens" : "max_tokens" };
  }
  if (name === "stream_options") return { streamOptions: false };
  if (name === "stream") return { streaming: dialect.streaming === "never" ? "always" : "never" };
  if (name === "stop")
    return { maxStops: Number(/(?:at most|maximum of|up to) (\d+)/i.exec(text)?.[1] ?? 0) };
  if (name === "seed" || name === "random_seed") return { seed: "none" };
  if (name === "logprobs" || name === "top_logprobs")
    return { refuses: ["logprobs", "top_logprobs"] };
  if (name === "tool_choice") return { requiredTool: "none", refuses: [name] };
  if (name === "response_format") return { structured: formatBelow(request, text) };
  if (THINKING.includes(name)) return { thinking: thinkingBelow(dialect, text) };
  return { refuses: [name] };
}

/** A schema may be refused where JSON as such is not, and the other way round. */
function formatBelow(request: object, text: string): Dialect["structured"] {
  const { response_format } = request as { response_format?: { type?: string } };
  if (response_format?.type === "json_schema") return "json-only";
  return /json_schema/.test(text) ? "schema-only" : "none";
}

/** Efforts that the text lists are kept to. */
function thinkingBelow({ thinking }: Dialect, text: string): Dialect["thinking"] {
  const listed = /supported values (?:are|include):?(.*)/i.exec(text)?.[1] ?? "";
  const levels = [...listed.matchAll(/['"](\w+)['"]/g)].map(([, level = ""]) => level);
  if (thinking.kind !== "effort" || levels.length === 0) return { kind: "none" };
  const off = levels.includes("none") ? { off: "none" } : {};
  return { kind: "effort", levels: levels.filter((level) => level !== "none"), ...off };
}
