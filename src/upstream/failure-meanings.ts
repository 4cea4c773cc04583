import type { BridgeErrorCode } from "../base/errors.ts";

/** What an error means, beyond its status. */
export interface Meaning {
  /** Instead of the one that the status has. */
  code?: BridgeErrorCode;
  /** What to do about it. */
  hint?: string;
}

interface Row extends Meaning {
  text: RegExp;
  /** Only with these statuses; with any, where absent. */
  statuses?: readonly number[];
}

/** Of several that match, the first counts. providers.md 5.2 and section 8 have the texts. */
const MEANINGS: readonly Row[] = [
  {
    text: /insufficient_quota|billing_hard_limit|exceeded[ _](?:your[ _])?current[ _]quota|credit balance|exceeded_current_quota|"code":\s*"1113"|insufficient balance|monthly (?:included )?credits|out of credits/i,
    statuses: [400, 403, 429],
    code: "upstream_quota_exceeded",
    hint: "The account has nothing left to spend, so waiting does not help: add credit, or choose another provider.",
  },
  {
    text: /API_KEY_INVALID|API key not valid|incorrect API key|invalid api key/i,
    statuses: [400, 403],
    code: "upstream_unauthorized",
    hint: "Set a valid API key for this provider.",
  },
  {
    text: /model_decommissioned|model_retired|model\b[^.]{0,80}(?:has been (?:decommissioned|deprecated|retired)|is no longer (?:supported|available))/i,
    hint: "The provider has retired this model. Choose another one from its list.",
  },
  {
    text: /--enable-auto-tool-choice|--tool-call-parser/,
    hint: "Start vLLM with --enable-auto-tool-choice and --tool-call-parser, or ask without tools.",
  },
  { text: /requires? --jinja/i, hint: "Start llama-server with --jinja, or ask without tools." },
  {
    text: /does not support embeddings|--embeddings?\b/i,
    hint: "Start llama-server with --embeddings, or choose an embedding model.",
  },
  {
    text: /no endpoints found that support tool use/i,
    hint: "No provider behind OpenRouter offers tools for this model. Choose another model, or ask without tools.",
  },
  {
    text: /no endpoints found that support image input/i,
    hint: "No provider behind OpenRouter takes images for this model. Choose a model with vision.",
  },
  {
    text: /no endpoints found|data policy/i,
    statuses: [404],
    hint: "Check the privacy settings of the OpenRouter account: they may exclude every provider of this model.",
  },
  {
    text: /only supported in v1\/responses|not (?:a chat model|supported in the v1\/chat)/i,
    hint: "This model does not exist on Chat Completions. Choose another one.",
  },
  {
    text: /DeploymentNotFound|deployment .* does not exist/i,
    hint: "Azure calls models by the names of your deployments. Check the name and the resource in the base URL.",
  },
  {
    text: /must be verified to stream|organization must be verified/i,
    hint: "Verify the organization at OpenAI, or choose another model.",
  },
  {
    text: /unknown variant `?image_url|does not support image|image input is not supported/i,
    hint: "This model takes no images. Choose a model with vision.",
  },
  { text: /loading model/i, statuses: [503], hint: "It is still loading the model. Try again." },
  {
    text: /tool_use_failed/i,
    hint: "The model wrote a call of a tool that nobody can read. Try again.",
  },
  {
    text: /content_filter|content management policy|data_inspection_failed|\bmoderation\b/i,
    hint: "The provider's content filter refused the prompt.",
  },
];

/** What can be said of a status alone. */
const STATUS_HINTS: Partial<Record<number, string>> = {
  402: "Add credit to the account, or choose another provider.",
  429: "It is a rate limit: wait, or ask less often.",
};

/** What an error's text means, its codes and types included. */
export function meaningOf(text: string, status: number | undefined): Meaning {
  const row = MEANINGS.find(
    ({ text: pattern, statuses }) =>
      pattern.test(text) && (statuses === undefined || statuses.includes(status ?? 0)),
  );
  const hint = row?.hint ?? (status === undefined ? undefined : STATUS_HINTS[status]);
  return { ...(row?.code && { code: row.code }), ...(hint !== undefined && { hint }) };
}
