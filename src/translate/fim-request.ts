import type { FimStrategy } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import type { Hole } from "./fim-templates.ts";
import { SENTINELS, tokensFor, type TokenFamily } from "./fim-tokens.ts";

/** Tokens of a fill, where the caller sets no bound: nobody waits for more while typing. */
export const DEFAULT_HOLE_TOKENS = 256;

/** What a fill's request carries besides the hole. */
export interface HoleCall {
  /** The provider's own spelling. */
  modelId: string;
  stream: boolean;
  /** As many as the provider takes. */
  stops: string[];
  maxTokens: number;
  temperature?: number | undefined;
  topP?: number | undefined;
  seed?: number | undefined;
}

export type FimRequest =
  | {
      kind: "completion";
      route: openai.CompletionRoute;
      request: openai.CompletionRequest | openai.InfillRequest;
    }
  | { kind: "chat"; messages: openai.ChatMessage[] };

/** The request that fills the hole in this way; undefined when the model's tokens are not known. */
export function toFimRequest(
  strategy: FimStrategy,
  hole: Hole,
  call: HoleCall,
): FimRequest | undefined {
  switch (strategy) {
    case "fim":
      return { kind: "completion", route: "fim", request: toMistral(hole, call) };
    case "beta":
      return { kind: "completion", route: "beta", request: toSuffixed(hole, call) };
    case "suffix":
      return { kind: "completion", route: "completions", request: toSuffixed(hole, call) };
    case "infill":
      return { kind: "completion", route: "infill", request: toInfill(hole, call) };
    case "tokens": {
      const family = tokensFor(call.modelId);
      if (!family) return undefined;
      const request = toTokens(hole, { ...call, family });
      return { kind: "completion", route: "completions", request };
    }
    case "chat":
      return { kind: "chat", messages: toMessages(hole) };
  }
}

function toSuffixed(hole: Hole, call: HoleCall): openai.CompletionRequest {
  return { ...toCompletion(call), prompt: withContext(hole), suffix: hole.suffix };
}

/** Mistral's name for the seed, and what it learned to read files by. */
function toMistral(hole: Hole, call: HoleCall): openai.CompletionRequest {
  const { seed, ...rest } = toCompletion(call);
  return {
    ...rest,
    prompt: withContext(hole, (path) => `+++++ ${path}\n`),
    suffix: hole.suffix,
    ...(seed !== undefined && { random_seed: seed }),
  };
}

function toCompletion({ modelId, stream, stops, maxTokens, ...sampling }: HoleCall) {
  const { temperature, topP, seed } = sampling;
  return {
    model: modelId,
    stream,
    max_tokens: maxTokens,
    ...(stops.length > 0 && { stop: stops }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
  };
}

/** Files that have a path travel beside the prompt; free text stays in front of it. */
function toInfill({ prefix, suffix, context }: Hole, call: HoleCall): openai.InfillRequest {
  const { max_tokens, stream, stop, temperature, top_p, seed } = toCompletion(call);
  const free = context.filter(({ path }) => path === undefined).map(({ text }) => text);
  const files = context.flatMap(({ path, text }) =>
    path === undefined ? [] : [{ filename: path, text }],
  );
  return {
    stream,
    n_predict: max_tokens,
    ...(stop && { stop }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(seed !== undefined && { seed }),
    input_prefix: [...free, prefix].join(""),
    input_suffix: suffix,
    ...(files.length > 0 && { input_extra: files }),
  };
}

/** Most stop strings that the tokens themselves may take up beside the caller's. */
const MAX_STOPS = 4;

function toTokens(
  hole: Hole,
  { family, ...call }: HoleCall & { family: TokenFamily },
): openai.CompletionRequest {
  const own = SENTINELS.filter((token) =>
    [family.prefix, family.suffix, family.middle].includes(token),
  );
  const stops = [...call.stops, ...own].slice(0, MAX_STOPS);
  return { ...toCompletion({ ...call, stops }), prompt: toPrompt(hole, family) };
}

function toPrompt({ prefix, suffix, context, path }: Hole, family: TokenFamily): string {
  const write = family.file ?? toComment;
  const files = context.map((one) =>
    one.path === undefined ? one.text : write(one.path) + one.text,
  );
  const own = path !== undefined && family.file ? family.file(path) : "";
  const space = family.id === "codellama" ? " " : "";
  const before = family.prefix + space + prefix + space;
  const behind = family.suffix + suffix + space;
  // Codestral reads its files in front of the prefix, where the text continues.
  if (family.id === "codestral") return behind + family.prefix + files.join("\n") + own + prefix;
  const hole = family.suffixFirst ? behind + before : before + behind;
  return files.map((file) => ensureNewline(file)).join("") + own + hole + family.middle;
}

/** Another file in front of the prefix, for models whose way of reading files is not known. */
function withContext({ prefix, context }: Hole, write = toComment): string {
  const files = context.map(({ path, text }) =>
    ensureNewline(path === undefined ? text : write(path) + text),
  );
  return files.join("") + prefix;
}

function toComment(path: string): string {
  return `# ${path}\n`;
}

function ensureNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

const INSTRUCTION = `You complete code in an editor. The user shows a file in which a piece is missing, marked by MARK.
Reply with exactly the characters that stand in place of the mark, and with nothing else: no explanation, no code fence, no part of the text before or after the mark. Keep the indentation of the file. Write as little as makes sense at that place, often one line or the rest of one. When nothing is missing, reply with nothing.`;

function toMessages(hole: Hole): openai.ChatMessage[] {
  const { prefix, suffix, context, path } = hole;
  const mark = unusedMark(hole);
  const shown = context.map((one) => block(one.text, one.path ?? "context"));
  const file = block(prefix + mark + suffix, path ?? "the file with the mark");
  return [
    { role: "system", content: INSTRUCTION.replace("MARK", mark) },
    { role: "user", content: [...shown, file].join("\n\n") },
  ];
}

function block(text: string, name: string): string {
  return `<document name=${JSON.stringify(name)}>\n${text}\n</document>`;
}

/** Nothing that the user has written may be taken for the mark. */
function unusedMark({ prefix, suffix, context }: Hole): string {
  const all = [prefix, suffix, ...context.map(({ text }) => text)].join("");
  let mark = "<MISSING/>";
  for (let number = 2; all.includes(mark); number++) mark = `<MISSING-${number}/>`;
  return mark;
}
