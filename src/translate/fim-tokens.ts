/** The tokens that a family of models was trained to fill holes with. */
export interface TokenFamily {
  id: string;
  prefix: string;
  suffix: string;
  /** Where the model begins to write; Codestral has none and begins behind the prefix. */
  middle: string;
  /** The suffix comes first. */
  suffixFirst?: true;
  /** What stands in front of another file's text. */
  file?: (path: string) => string;
}

/** Rarest first: a prompt that holds one of these holds no other. Characters as their tokenizers spell them. */
export const FAMILIES: readonly TokenFamily[] = [
  {
    id: "deepseek",
    prefix: "<｜fim▁begin｜>",
    suffix: "<｜fim▁hole｜>",
    middle: "<｜fim▁end｜>",
    file: (path) => `#${path}\n`,
  },
  {
    id: "seed",
    prefix: "<[fim-prefix]>",
    suffix: "<[fim-suffix]>",
    middle: "<[fim-middle]>",
  },
  {
    id: "codegeex",
    prefix: "<|code_prefix|>",
    suffix: "<|code_suffix|>",
    middle: "<|code_middle|>",
    suffixFirst: true,
  },
  { id: "glm", prefix: "<|code_prefix|>", suffix: "<|code_suffix|>", middle: "<|code_middle|>" },
  {
    id: "qwen",
    prefix: "<|fim_prefix|>",
    suffix: "<|fim_suffix|>",
    middle: "<|fim_middle|>",
    file: (path) => `<|file_sep|>${path}\n`,
  },
  {
    id: "starcoder",
    prefix: "<fim_prefix>",
    suffix: "<fim_suffix>",
    middle: "<fim_middle>",
    file: (path) => `<file_sep>${path}\n`,
  },
  {
    id: "santacoder",
    prefix: "<fim-prefix>",
    suffix: "<fim-suffix>",
    middle: "<fim-middle>",
  },
  { id: "codellama", prefix: "<PRE>", suffix: "<SUF>", middle: "<MID>" },
  {
    id: "codestral",
    prefix: "[PREFIX]",
    suffix: "[SUFFIX]",
    middle: "",
    suffixFirst: true,
    file: (path) => `+++++ ${path}\n`,
  },
];

/** CodeGemma shares Qwen's tokens, but not the one between files. */
const CODEGEMMA_FILE = (path: string) => `<|file_separator|>${path}\n`;

/** By the last part of a model's id; the first that matches. */
const MODELS: readonly [pattern: RegExp, family: string][] = [
  [/codeqwen-?1\.5|starcoder|stable-?code|octocoder|granite.*code|granite-?3/, "starcoder"],
  [/qwen.*coder|codeqwen|granite-?4|mercury/, "qwen"],
  [/santacoder/, "santacoder"],
  [/code-?llama/, "codellama"],
  [/deepseek-(coder|v2|v3)/, "deepseek"],
  [/codestral/, "codestral"],
  [/seed-?coder/, "seed"],
  [/codegeex/, "codegeex"],
  [/^glm/, "glm"],
];

/** The tokens of the model that is really behind, by its id; undefined when it is not known to have any. */
export function tokensFor(modelId: string): TokenFamily | undefined {
  const model = modelId.slice(modelId.lastIndexOf("/") + 1).toLowerCase();
  const isCodeGemma = model.includes("codegemma");
  const id = isCodeGemma ? "qwen" : MODELS.find(([pattern]) => pattern.test(model))?.[1];
  const family = FAMILIES.find((one) => one.id === id);
  return family && isCodeGemma ? { ...family, id: "codegemma", file: CODEGEMMA_FILE } : family;
}

/** What stands between files in prompts of several families, and Continue's own, with its spelling. */
export const FILE_TOKENS = ["<|file_sep|>", "<|file_separator|>", "<file_sep>", "<filename>"];
export const REPOSITORY_TOKENS = ["<|repo_name|>", "<repo_name>", "<reponame>"];
export const SEPARATOR_TOKEN = "<|system_separator_istruction_repository_level|>";

/** Text that only a model's tokenizer knows; in an answer it has leaked out, and the answer is over. */
export const SENTINELS: readonly string[] = [
  ...FAMILIES.flatMap(({ prefix, suffix, middle }) => [prefix, suffix, middle]),
  ...FILE_TOKENS,
  ...REPOSITORY_TOKENS,
  SEPARATOR_TOKEN,
  "[MIDDLE]",
  "<|fim_pad|>",
  "<fim_pad>",
  "<|cursor|>",
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<｜end▁of▁sentence｜>",
  "<EOT>",
  "</COMPLETION>",
].filter((token) => token !== "");

/** Of these, code may hold the letters; only in an answer to their own template have they leaked. */
const PLAIN = ["<PRE>", "<SUF>", "<MID>", "[PREFIX]", "[SUFFIX]", "[MIDDLE]"];

/** The tokens that end an answer to a prompt of this template. */
export function leakedTokens(template: string): string[] {
  const isPlain = template === "codellama" || template === "codestral";
  return SENTINELS.filter((token) => isPlain || !PLAIN.includes(token));
}
