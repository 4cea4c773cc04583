import { readContext, readDecorated, type Surroundings } from "./fim-context.ts";
import { FAMILIES, SENTINELS, type TokenFamily } from "./fim-tokens.ts";

/** A hole in code, and what stands around it. */
export interface Hole {
  /** How it announced itself: a family of tokens, `suffix`, or a template of a client's own. */
  template: string;
  prefix: string;
  suffix: string;
  /** Other files and free text that stood in front, in order. */
  context: Surroundings[];
  /** The file with the hole, where it was told. */
  path?: string;
}

/**
 * The hole that a prompt asks to fill: by its `suffix`, or by FIM tokens inside it. Clients choose tokens by
 * names that they do not know, and half of them send no `raw`; so neither counts.
 *
 * @returns undefined for a prompt without a hole
 */
export function findHole(prompt: string, suffix?: string | null): Hole | undefined {
  if (prompt.includes("<|editable_region_start|>")) return undefined;
  if (suffix) {
    const { rest, ...surroundings } = readDecorated(prompt);
    return { template: "suffix", prefix: rest, suffix, ...surroundings };
  }
  for (const family of FAMILIES) {
    const hole = family.suffixFirst ? findReversed(prompt, family) : findInOrder(prompt, family);
    if (hole) return hole;
  }
  return findQuery(prompt) ?? findBlank(prompt) ?? findRepository(prompt);
}

/**
 * Without the strings that only a model's tokenizer would write, and without DeepSeek's "//", by which Continue
 * cuts off every comment.
 */
export function withoutSentinels(stops: readonly string[], { template }: Hole): string[] {
  return stops.filter(
    (stop) =>
      !SENTINELS.includes(stop) &&
      !/^<[|｜].*[|｜]>$|^<\/?(fim|file|repo)[_-]?\w*>$|^<(PRE|SUF|MID|EOT|END|EOD)>$|^EOT$/.test(
        stop.trim(),
      ) &&
      !(template === "deepseek" && stop === "//"),
  );
}

/** `<begin>P<hole>S<end>`, with `<end>` at the end. The last begin counts: context may hold others. */
function findInOrder(prompt: string, family: TokenFamily): Hole | undefined {
  const trimmed = prompt.trimEnd();
  if (!trimmed.endsWith(family.middle)) return undefined;
  const body = trimmed.slice(0, -family.middle.length);
  for (let begin = body.lastIndexOf(family.prefix); begin !== -1;) {
    const from = begin + family.prefix.length;
    const hole = body.indexOf(family.suffix, from);
    if (hole !== -1) {
      const words = withoutAdded({
        id: family.id,
        prefix: body.slice(from, hole),
        suffix: body.slice(hole + family.suffix.length),
      });
      return { template: family.id, ...words, ...readContext(body.slice(0, begin)) };
    }
    begin = begin === 0 ? -1 : body.lastIndexOf(family.prefix, begin - 1);
  }
  // Mercury's prompt may lack the first token.
  const hole = family.id === "qwen" ? body.lastIndexOf(family.suffix) : -1;
  if (hole === -1) return undefined;
  const { rest, ...surroundings } = readDecorated(body.slice(0, hole));
  const suffix = body.slice(hole + family.suffix.length);
  return { template: "mercury", prefix: rest, suffix, ...surroundings };
}

/** The spaces that templates put around their tokens: exactly those, and none of the user's own. */
function withoutAdded({ id, prefix, suffix }: { id: string; prefix: string; suffix: string }) {
  if (id === "codellama") {
    // Meta's own form has one on each inner side; llama-coder and twinny add one in front of the suffix.
    return { prefix: trimOne(prefix), suffix: trimOne(suffix) };
  }
  const isSpaced = prefix.endsWith(" ");
  // ProxyAI's forms for Qwen and StarCoder.
  if (id === "qwen" && isSpaced && prefix.startsWith(" ") && suffix.endsWith(" ")) {
    return { prefix: trimOne(prefix), suffix: suffix.slice(0, -1) };
  }
  if (id === "starcoder" && isSpaced && suffix.startsWith(" ")) {
    return { prefix: prefix.slice(0, -1), suffix: suffix.slice(1) };
  }
  return { prefix, suffix };
}

function trimOne(text: string): string {
  return text.replace(/^ /, "").replace(/ $/, "");
}

/** `[SUFFIX]S[PREFIX]P`, and CodeGeeX in its chat template. */
function findReversed(prompt: string, family: TokenFamily): Hole | undefined {
  const body = withoutTail(prompt, family);
  if (body === undefined) return undefined;
  const at = body.lastIndexOf(family.prefix);
  const begin = at === -1 ? -1 : body.lastIndexOf(family.suffix, at);
  if (begin === -1) return undefined;
  const suffix = body.slice(begin + family.suffix.length, at);
  const front = readFront(body.slice(0, begin));
  const { rest, context, path = front.path } = readDecorated(body.slice(at + family.prefix.length));
  return {
    template: family.id,
    prefix: rest,
    suffix,
    context: [...front.context, ...context],
    ...(path !== undefined && { path }),
  };
}

/** What follows the prefix: nothing in Codestral, but for a token that ProxyAI adds. */
function withoutTail(prompt: string, { id, middle }: TokenFamily): string | undefined {
  if (id === "codestral") return prompt.replace(/\[MIDDLE\]\s*$/, "");
  const body = prompt
    .trimEnd()
    .replace(/<\|assistant\|>$/, "")
    .trimEnd();
  return body.endsWith(middle) ? body.slice(0, -middle.length) : undefined;
}

/** CodeGeeX writes the path and the language as lines of their own. */
function readFront(text: string): { context: Surroundings[]; path?: string } {
  const path = /^###PATH:(.*)$/m.exec(text)?.[1]?.trim();
  const words = text
    .replace(/^<\|user\|>\n?/, "")
    .replaceAll(/^###(PATH|LANGUAGE|MODE):.*\n?/gm, "")
    .replaceAll("###REFERENCE:", "");
  const { context } = readContext(words);
  return { context, ...(path !== undefined && { path }) };
}

/** Continue's for general models: examples, then the last `<QUERY>` with `{{FILL_HERE}}`. */
function findQuery(prompt: string): Hole | undefined {
  const query = /^[^]*<QUERY>\n?([^]*?)\n?<\/QUERY>/.exec(prompt)?.[1];
  const [prefix, suffix, ...more] = query?.split("{{FILL_HERE}}") ?? [];
  if (prefix === undefined || suffix === undefined || more.length > 0) return undefined;
  return { template: "hole-filler", prefix, suffix, context: [] };
}

/** A fenced block with one `[BLANK]`. */
function findBlank(prompt: string): Hole | undefined {
  const block = /```[^\n]*\n([^]*?)\n?```/.exec(prompt)?.[1];
  const [prefix, suffix, ...more] = block?.split("[BLANK]") ?? [];
  if (prefix === undefined || suffix === undefined || more.length > 0) return undefined;
  return { template: "gpt-blank", prefix, suffix, context: [] };
}

/** twinny's repository prompt: files, and the last one breaks off where the cursor is. */
function findRepository(prompt: string): Hole | undefined {
  if (!prompt.startsWith("<|repo_name|>") || !prompt.includes("<|file_sep|>")) return undefined;
  const { rest, ...surroundings } = readDecorated(prompt);
  return { template: "qwen-repo", prefix: rest, suffix: "", ...surroundings };
}
