/** How a client writes a hole, in its own template; clients.md section 3 tells from where. */
export interface ClientPrompt {
  client: string;
  /** What `findHole` calls it. */
  template: string;
  prompt: string;
  suffix?: string;
  prefix: string;
  behind: string;
  /** Paths and texts of other files. */
  context?: { path?: string; text: string }[];
  path?: string;
}

export const P = "function add(a, b) {\n  return ";
export const S = ";\n}\n\nconsole.log(add(1, 2));\n";

const plain = { prefix: P, behind: S };
const OTHER = { path: "src/math.ts", text: "export const one = 1;\n" };

export const PROMPTS: ClientPrompt[] = [
  {
    client: "Continue, Qwen Coder",
    template: "qwen",
    prompt: `<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>`,
    ...plain,
  },
  {
    client: "Continue, Qwen Coder with other files",
    template: "qwen",
    prompt: `<|repo_name|>demo\n<|file_sep|>src/math.ts\n${OTHER.text}<|file_sep|>src/add.ts\n<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>`,
    ...plain,
    context: [OTHER],
    path: "src/add.ts",
  },
  {
    client: "ProxyAI, Qwen Coder with its spaces",
    template: "qwen",
    prompt: `<|fim_prefix|> ${P} <|fim_suffix|>${S} <|fim_middle|>`,
    ...plain,
  },
  {
    client: "Continue, CodeGemma with other files",
    template: "qwen",
    prompt: `<|file_separator|>src/math.ts \n${OTHER.text}<|file_separator|>src/add.ts \n<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>`,
    ...plain,
    context: [OTHER],
    path: "src/add.ts",
  },
  {
    client: "Continue, StarCoder and every name that it does not know",
    template: "starcoder",
    prompt: `<fim_prefix>${P}<fim_suffix>${S}<fim_middle>`,
    ...plain,
  },
  {
    client: "Continue, StarCoder with a repository",
    template: "starcoder",
    prompt: `<reponame>demo\n<file_sep>src/math.ts\n${OTHER.text}<file_sep>src/add.ts\n<fim_prefix>${P}<fim_suffix>${S}<fim_middle>`,
    ...plain,
    context: [OTHER],
    path: "src/add.ts",
  },
  {
    client: "twinny, StarCoder with a file name",
    template: "starcoder",
    prompt: `<filename>src/add.ts\n<fim_prefix>${P}<fim_suffix>${S}<fim_middle>`,
    ...plain,
    path: "src/add.ts",
  },
  {
    client: "ProxyAI, StarCoder with its spaces",
    template: "starcoder",
    prompt: `<fim_prefix>${P} <fim_suffix> ${S}<fim_middle>`,
    ...plain,
  },
  {
    client: "Continue, SantaCoder",
    template: "santacoder",
    prompt: `<fim-prefix>${P}<fim-suffix>${S}<fim-middle>`,
    ...plain,
  },
  {
    client: "Continue, Code Llama",
    template: "codellama",
    prompt: `<PRE> ${P} <SUF>${S} <MID>`,
    ...plain,
  },
  {
    client: "llama-coder, Code Llama",
    template: "codellama",
    prompt: `<PRE> ${P} <SUF> ${S} <MID>`,
    ...plain,
  },
  {
    client: "twinny, Code Llama with the file's language in front",
    template: "codellama",
    prompt: `<PRE>/**JavaScript**/ \n${P} <SUF> ${S} <MID>`,
    prefix: `/**JavaScript**/ \n${P}`,
    behind: S,
  },
  {
    client: "Continue, DeepSeek Coder with another file",
    template: "deepseek",
    prompt: `#src/math.ts\n${OTHER.text}<｜fim▁begin｜>${P}<｜fim▁hole｜>${S}<｜fim▁end｜>`,
    ...plain,
    context: [{ text: `#src/math.ts\n${OTHER.text}` }],
  },
  {
    client: "privy, DeepSeek Coder",
    template: "deepseek",
    prompt: `<｜fim▁begin｜>${P}<｜fim▁hole｜>${S}<｜fim▁end｜>`,
    ...plain,
  },
  {
    client: "Continue, Codestral",
    template: "codestral",
    prompt: `[SUFFIX]${S}[PREFIX]${P}`,
    ...plain,
  },
  {
    client: "Continue, Codestral with other files",
    template: "codestral",
    prompt: `[SUFFIX]${S}[PREFIX]+++++ src/math.ts \n${OTHER.text}+++++ src/add.ts \n${P}`,
    ...plain,
    context: [OTHER],
    path: "src/add.ts",
  },
  {
    client: "twinny, Codestral with context in front",
    template: "codestral",
    prompt: `/** one = 1 */\n[SUFFIX]${S}[PREFIX]${P}`,
    ...plain,
    context: [{ text: "/** one = 1 */\n" }],
  },
  {
    client: "ProxyAI, Codestral with its own third token",
    template: "codestral",
    prompt: `[SUFFIX]${S}[PREFIX]${P}[MIDDLE]`,
    ...plain,
  },
  {
    client: "Zed, GLM",
    template: "glm",
    prompt: `<|code_prefix|>${P}<|code_suffix|>${S}<|code_middle|>`,
    ...plain,
  },
  {
    client: "Continue, CodeGeeX",
    template: "codegeex",
    prompt: `<|user|>\n###PATH:src/add.ts\n###LANGUAGE:JavaScript\n###MODE:BLOCK\n<|code_suffix|>${S}<|code_prefix|>${P}<|code_middle|><|assistant|>\n`,
    ...plain,
    path: "src/add.ts",
  },
  {
    client: "Continue, Seed Coder",
    template: "seed",
    prompt: `<[fim-prefix]>${P}<[fim-suffix]>${S}<[fim-middle]>`,
    ...plain,
  },
  {
    client: "Continue, Mercury without the first token",
    template: "mercury",
    prompt: `<|file_sep|>src/add.ts\n${P}<|fim_suffix|>${S}<|fim_middle|>`,
    ...plain,
    path: "src/add.ts",
  },
  {
    client: "Continue, the hole filler for chat models",
    template: "hole-filler",
    prompt: `You are a HOLE FILLER.\n## EXAMPLE QUERY:\n<QUERY>\nlet x = {{FILL_HERE}};\n</QUERY>\n<COMPLETION>1</COMPLETION>\n\n<QUERY>\n${P}{{FILL_HERE}}${S}\n</QUERY>\nTASK: Fill the hole.\n<COMPLETION>`,
    ...plain,
  },
  {
    client: "Continue, the blank for chat models",
    template: "gpt-blank",
    prompt: `Fill in the blank:\n\`\`\`js\n${P}[BLANK]${S}\n\`\`\`\nAnswer only.`,
    ...plain,
  },
  {
    client: "twinny, a repository that breaks off",
    template: "qwen-repo",
    prompt: `<|repo_name|>demo\n<|file_sep|>src/math.ts\n${OTHER.text}<|file_sep|>src/add.ts\n${P}`,
    prefix: P,
    behind: "",
    context: [OTHER],
    path: "src/add.ts",
  },
  {
    client: "Void, a suffix beside the prompt",
    template: "suffix",
    prompt: P,
    suffix: S,
    ...plain,
  },
  {
    client: "Continue, a suffix and Qwen's decorations",
    template: "suffix",
    prompt: `<|repo_name|>demo\n<|file_sep|>src/math.ts\n${OTHER.text}<|file_sep|>src/add.ts\n${P}`,
    suffix: S,
    ...plain,
    context: [OTHER],
    path: "src/add.ts",
  },
  {
    client: "Continue, a suffix and Codestral's decorations",
    template: "suffix",
    prompt: `+++++ src/math.ts \n${OTHER.text}+++++ src/add.ts \n${P}`,
    suffix: S,
    ...plain,
    context: [OTHER],
    path: "src/add.ts",
  },
  {
    client: "Continue, a suffix and its repository separator",
    template: "suffix",
    prompt: `<|repo_name|>demo\n<|file_sep|>src/math.ts\n${OTHER.text}<|system_separator_istruction_repository_level|>${P}`,
    suffix: S,
    ...plain,
    context: [OTHER],
  },
  {
    client: "an earlier hole in the context",
    template: "qwen",
    prompt: `<|file_sep|>a.ts\nconst t = "<|fim_prefix|>";\n<|file_sep|>src/add.ts\n<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>`,
    ...plain,
    context: [{ path: "a.ts", text: 'const t = "<|fim_prefix|>";\n' }],
    path: "src/add.ts",
  },
];

/** Prompts without a hole, however much they talk of one. */
export const NO_HOLES: [name: string, prompt: string][] = [
  ["an ordinary question", "What is a monad?"],
  ["a question about a token", "What does <|fim_prefix|> mean to Qwen?"],
  ["a question about three", "Explain <|fim_prefix|>, <|fim_suffix|> and <|fim_middle|> to me."],
  ["code that names a token", 'const FIM = ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"];\n'],
  ["tokens in a wrong order", `<fim_suffix>${S}<fim_prefix>${P}<fim_middle>`],
  ["a chat template", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"],
  ["Llama's chat template", "[INST] Write a function [/INST]"],
  [
    "Zed's edit prediction",
    "<|file_sep|>a.ts\n<|editable_region_start|>\nlet x<|user_cursor_is_here|>\n<|editable_region_end|>\n",
  ],
  ["nothing", ""],
];
