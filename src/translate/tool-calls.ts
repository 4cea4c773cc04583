import type * as openai from "../protocol/openai.ts";
import { parseArguments } from "./tool-arguments.ts";
import { toCallId } from "./tool-ids.ts";

/** A call as Ollama tells it: whole, with its arguments as an object. */
export interface AnsweredCall {
  /** Unique within the answer. */
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  /** Gemini's thought signature, to be sent back with the call. */
  extraContent?: unknown;
}

export type AssembledCalls =
  { kind: "calls"; calls: AnsweredCall[] } | { kind: "broken"; reason: string };

/** A piece of a call, as OpenAI would have sent it: the first has id and name, the others only arguments. */
export interface OrderlyDelta {
  /** Counts from 0. */
  index: number;
  id?: string;
  type?: "function";
  function: { name?: string; arguments: string };
  extra_content?: unknown;
}

export interface ToolCallAssembler {
  /** What these pieces add, put in order for a client that is told piece by piece. */
  push(deltas: readonly (openai.ToolCallDelta | null)[]): OrderlyDelta[];
  readonly isEmpty: boolean;
  /**
   * The calls, in the order in which they appeared.
   *
   * @param cutOff the provider's finish reason was a length: arguments are then never mended
   */
  end(options: { cutOff: boolean }): AssembledCalls;
}

export interface AssemblerOptions {
  /** What the ids of calls without one are made from: the same conversation gives the same ids. */
  seed: string;
  /** Largest sum of the arguments, in characters. */
  maxChars?: number;
}

interface Draft {
  index: unknown;
  id: string;
  name: string;
  arguments: string;
  extraContent?: unknown;
  /** How much of the arguments has been told; undefined before the first piece, which waits for the name. */
  told: number | undefined;
  /** The id that it was told with. */
  toldId: string;
}

const MAX_ARGUMENT_CHARS = 16 * 1024 * 1024;

/**
 * Puts tool calls together from whatever pieces vendors send. A piece belongs to the call with its index,
 * unless it brings another id (or, without any id, another name): then a new call begins, because proxies
 * repeat index 0 or leave it out. A prefix of arguments that can be parsed is not their end, so nothing is
 * concluded before the stream is over (vercel/ai #13137).
 */
export function createToolCallAssembler({
  seed,
  maxChars = MAX_ARGUMENT_CHARS,
}: AssemblerOptions): ToolCallAssembler {
  const drafts: Draft[] = [];
  let chars = 0;

  function draftFor({ index, id, name }: { index: unknown; id: string; name: string }): Draft {
    const hasIndex = typeof index === "number";
    const current = hasIndex ? drafts.findLast((draft) => draft.index === index) : drafts.at(-1);
    if (current && !isAnother(current, { id, name, hasIndex })) return current;
    const draft = { index, id: "", name: "", arguments: "", told: undefined, toldId: "" };
    drafts.push(draft);
    return draft;
  }

  function tell(draft: Draft): OrderlyDelta {
    const index = drafts.filter(({ name }) => name !== "").indexOf(draft);
    const piece = draft.arguments.slice(draft.told ?? 0);
    const isFirst = draft.told === undefined;
    draft.told = draft.arguments.length;
    if (!isFirst) return { index, function: { arguments: piece } };
    const isTaken = drafts.some((other) => other !== draft && other.toldId === draft.id);
    draft.toldId = toCallId(isTaken ? "" : draft.id, `${seed}/${index}`);
    return {
      index,
      id: draft.toldId,
      type: "function",
      function: { name: draft.name, arguments: piece },
      ...(draft.extraContent !== undefined && { extra_content: draft.extraContent }),
    };
  }

  return {
    push(deltas) {
      return deltas.flatMap((delta) => {
        if (!delta || isOtherType(delta.type)) return [];
        const id = text(delta.id);
        const name = text(delta.function?.name);
        const draft = draftFor({ index: delta.index, id, name });
        draft.id ||= id;
        draft.name ||= name;
        const piece = argumentText(delta.function?.arguments);
        chars += piece.length;
        if (chars <= maxChars) draft.arguments += piece;
        if (delta.extra_content !== undefined) draft.extraContent = delta.extra_content;
        return draft.name === "" ? [] : [tell(draft)];
      });
    },
    get isEmpty() {
      return drafts.length === 0;
    },
    end({ cutOff }) {
      if (chars > maxChars) return { kind: "broken", reason: "its tool call is too long" };
      const named = drafts.filter(({ name }) => name !== "");
      return finish(named, { seed, cutOff });
    },
  };
}

/** The legacy form: one call, without an id. */
export function fromFunctionCall(
  call: NonNullable<openai.ChatDelta["function_call"]>,
): openai.ToolCallDelta[] {
  return [{ index: 0, function: call }];
}

function isAnother(
  current: Draft,
  { id, name, hasIndex }: { id: string; name: string; hasIndex: boolean },
): boolean {
  if (id !== "" && current.id !== "") return id !== current.id;
  if (name === "" || current.name === "") return false;
  return hasIndex ? name !== current.name && current.arguments !== "" : id === "";
}

/** `custom`, `browser_search` and the like are not calls that a client could answer. */
function isOtherType(type: unknown): boolean {
  return typeof type === "string" && type !== "" && type !== "function";
}

function finish(
  drafts: Draft[],
  { seed, cutOff }: { seed: string; cutOff: boolean },
): AssembledCalls {
  const calls: AnsweredCall[] = [];
  for (const draft of drafts) {
    const parsed = parseArguments(draft.arguments, { cutOff });
    if (parsed.kind === "broken") {
      return { kind: "broken", reason: `the tool call "${draft.name}" ${parsed.reason}` };
    }
    parsed.objects.forEach((values, position) => {
      calls.push({
        id: position === 0 ? draft.toldId : toCallId("", `${seed}/${calls.length}/glued`),
        name: draft.name,
        arguments: values,
        ...(draft.extraContent !== undefined && { extraContent: draft.extraContent }),
      });
    });
  }
  return { kind: "calls", calls };
}

/** Some proxies send an object already, most a piece of its text. */
function argumentText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
