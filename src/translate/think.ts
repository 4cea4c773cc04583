import { BridgeError } from "../base/errors.ts";
import type { ThinkingStyle } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";

/** Whether, or how hard, a model shall think. */
export type Think = boolean | "low" | "medium" | "high" | "max";

const LEVELS = ["high", "medium", "low", "max"];

/**
 * Ollama's `think`; undefined leaves it to the model.
 *
 * @throws BridgeError `invalid_request` in Ollama's words for a value that is neither a boolean nor a level
 */
export function toThink(think: boolean | string | null | undefined): Think | undefined {
  if (think === undefined || think === null) return undefined;
  if (typeof think === "boolean") return think;
  if (LEVELS.includes(think)) return think as Think;
  throw new BridgeError(
    "invalid_request",
    `invalid think value: ${JSON.stringify(think)} (must be "high", "medium", "low", "max", true, or false)`,
  );
}

/** OpenAI's `reasoning_effort`, with the levels that Ollama knows on `/v1`. */
export function fromEffort(effort: string): Think | undefined {
  if (effort === "none") return false;
  if (effort === "minimal") return "low";
  if (effort === "xhigh" || effort === "ultra") return "max";
  return LEVELS.includes(effort) ? (effort as Think) : undefined;
}

type ThinkingFields = Pick<
  openai.VendorFields,
  "reasoning_effort" | "reasoning" | "thinking" | "enable_thinking" | "chat_template_kwargs"
>;

/** The wish in the provider's dialect; empty where it has no words for it. */
export function toThinkingFields(
  { think, effort }: { think: Think | undefined; effort?: string | undefined },
  style: ThinkingStyle,
): ThinkingFields {
  if (effort !== undefined && style.kind === "effort" && style.on === undefined) {
    return { reasoning_effort: effort };
  }
  if (think === undefined) return {};
  const isOn = think !== false;
  switch (style.kind) {
    case "effort": {
      const level = isOn ? levelFor(think, style) : style.off;
      return level === undefined ? {} : { reasoning_effort: level };
    }
    case "reasoning":
      if (typeof think === "boolean") return { reasoning: { enabled: think } };
      return { reasoning: { effort: think === "max" ? "xhigh" : think } };
    case "type": {
      const level =
        typeof think === "string" && style.levels ? nearest(think, style.levels) : undefined;
      return {
        thinking: { type: isOn ? "enabled" : "disabled" },
        ...(level !== undefined && { reasoning_effort: level }),
      };
    }
    case "enable":
      return { enable_thinking: isOn };
    case "template":
      return { chat_template_kwargs: { [style.key]: isOn } };
    case "none":
      return {};
  }
}

/** `true` is left to the model where the provider has no word of its own for it but thinks by default. */
function levelFor(
  think: Exclude<Think, false>,
  { levels, on }: { levels: readonly string[]; on?: string | undefined },
): string | undefined {
  if (on !== undefined) return on;
  return nearest(think === true ? "medium" : think, levels);
}

const ORDER = ["low", "medium", "high", "max"];

/** The level itself, or the next one up, or the highest: `medium` is `high` where there are only two. */
function nearest(level: string, levels: readonly string[]): string | undefined {
  if (levels.includes(level)) return level;
  const higher = ORDER.slice(ORDER.indexOf(level)).find((one) => levels.includes(one));
  return higher ?? levels.at(-1);
}
