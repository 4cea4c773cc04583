import * as openai from "../protocol/openai.ts";
import { logprobsIn } from "./logprobs.ts";
import { isCutOff, toOutcome, type Outcome } from "./outcome.ts";
import { mergeDetails } from "./reasoning-details.ts";
import { piecesIn, reasoningIn, type Piece } from "./reasoning.ts";
import { createStopFilter } from "./stop-strings.ts";
import { createThinkTagSplitter, type Beginning } from "./think-tags.ts";
import {
  createToolCallAssembler,
  fromFunctionCall,
  type AssembledCalls,
  type OrderlyDelta,
} from "./tool-calls.ts";
import { createUnfence } from "./unfence.ts";

export interface ChatReaderOptions {
  /** What generated tool-call ids are made from. */
  seed?: string;
  /** Thinking is not passed on. */
  hidesThinking?: boolean;
  beginning?: Beginning;
  /** The answer has a format, so text beats a tool call that repeats it, and JSON may hide in the reasoning. */
  isStructured?: boolean;
  /** The format was only asked for in words; models then write a code fence around it. */
  isAskedInWords?: boolean;
  /** The last message of the request, if it was the assistant's: some providers begin by repeating it. */
  prefill?: string;
  /** Stop strings that the provider was not told. */
  stops?: string[];
  /** A refusal has a field of its own in `/v1`; natively it is text. */
  keepsRefusals?: boolean;
  /** Token probabilities were asked for, with so many alternatives. */
  topLogprobs?: number | undefined;
}

/** What the end of an answer adds. */
export interface ChatEnd {
  pieces: Piece[];
  /** Broken when the arguments of one are; that is for the route to judge. */
  calls: AssembledCalls;
  outcome: Outcome;
  /** The whole answer; text as it was passed on, thinking as it came. */
  text: string;
  thinking: string;
  /** OpenRouter's signed list, put together. */
  details: unknown[];
  /** As the provider wrote them. */
  finishReason: string | undefined;
  usage: openai.Usage | undefined;
}

export interface ChatReader {
  /** The text and thinking that this event adds; empty for events without any. */
  push(event: openai.ChatEvent): Piece[];
  /** How the answer ended, and what was held back. Call it once, after the last event. */
  end(): ChatEnd;
  /** The pieces of tool calls in the last event. */
  readonly callDeltas: OrderlyDelta[];
  /** A stop string was met: nothing that follows counts. */
  readonly isStopped: boolean;
  readonly closedSilently: boolean;
  readonly neverClosed: boolean;
}

/** So much of an answer is kept for its end and for the memory, in characters; a stream may be longer. */
const MAX_KEPT = 8 * 1024 * 1024;

const NOTHING: Piece[] = [];
const NO_DELTAS: OrderlyDelta[] = [];
const NO_CALLS: AssembledCalls = { kind: "calls", calls: [] };

/**
 * Reads an answer, streamed or in one piece. Vendors finish twice, send usage before, with or after the
 * finish, and repeat empty deltas; so nothing is concluded before the end. The first reason counts, and
 * the last usage.
 */
export function createChatReader(options: ChatReaderOptions = {}): ChatReader {
  const {
    seed = "",
    hidesThinking = false,
    isStructured = false,
    prefill = "",
    topLogprobs,
  } = options;
  const tags = createThinkTagSplitter({ beginning: options.beginning ?? "text" });
  const stop = options.stops?.length ? createStopFilter(options.stops) : undefined;
  const unfence = options.isAskedInWords ? createUnfence() : undefined;
  const assembler = createToolCallAssembler({ seed });
  let finishReason: string | undefined;
  let usage: openai.Usage | undefined;
  let complete = false;
  let spoken = "";
  let thought = "";
  const details: unknown[] = [];
  let echo = prefill;
  let hasReasoningField = false;
  let callDeltas = NO_DELTAS;

  function read(delta: openai.ChatDelta, text: unknown): Piece[] {
    const pieces: Piece[] = [];
    const reasoning = reasoningIn(delta);
    if (reasoning !== "") {
      hasReasoningField = true;
      pieces.push({ kind: "thinking", text: reasoning });
    }
    mergeDetails(details, delta.reasoning_details);
    const content = delta.content ?? text;
    if (Array.isArray(content)) pieces.push(...piecesIn(content));
    else {
      const words = stringIn(content) || (options.keepsRefusals ? "" : stringIn(delta.refusal));
      if (words !== "") pieces.push(...(hasReasoningField ? asText(words) : tags.push(words)));
    }
    callDeltas = Array.isArray(delta.tool_calls) ? assembler.push(delta.tool_calls) : NO_DELTAS;
    if (delta.function_call) callDeltas = assembler.push(fromFunctionCall(delta.function_call));
    return pieces;
  }

  /** Providers that tell thinking apart leave no tags in the text. */
  function asText(text: string): Piece[] {
    return [...tags.end(), { kind: "text", text }];
  }

  function keep(pieces: Piece[]): Piece[] {
    const kept: Piece[] = [];
    for (const piece of pieces) {
      if (piece.kind === "thinking") {
        if (thought.length < MAX_KEPT) thought += piece.text;
        if (!hidesThinking && piece.text !== "") kept.push(piece);
        continue;
      }
      const text = passed(withoutEcho(piece.text));
      if (text === "" || (!assembler.isEmpty && text.trim() === "")) continue;
      if (spoken.length < MAX_KEPT) spoken += text;
      kept.push(text === piece.text ? piece : { ...piece, text });
    }
    return kept;
  }

  function passed(text: string): string {
    const inside = unfence ? unfence.push(text) : text;
    return stop ? stop.push(inside) : inside;
  }

  function withoutEcho(text: string): string {
    if (echo === "") return text;
    const expected = echo;
    echo = "";
    return text === expected ? "" : text;
  }

  /** Tokens that make no text of their own have a piece without any. */
  function withLogprobs(pieces: Piece[], value: unknown): Piece[] {
    const logprobs = logprobsIn(value, topLogprobs ?? 0);
    if (!logprobs) return pieces;
    const last = pieces.pop() ?? { kind: "text", text: "" };
    return [...pieces, { ...last, logprobs }];
  }

  function rest(): Piece[] {
    const pieces = keep(tags.end());
    const unfenced = unfence?.end() ?? "";
    const held = stop ? stop.push(unfenced) + stop.end() : unfenced;
    if (held === "") return pieces;
    spoken += held;
    return [...pieces, { kind: "text", text: held }];
  }

  /** Azure's DeepSeek and Mistral's Magistral write the JSON that was asked for into the reasoning. */
  function promoted(): Piece[] {
    if (!isStructured || spoken !== "" || !isJson(thought)) return [];
    spoken = thought.trim();
    return [{ kind: "text", text: spoken }];
  }

  return {
    push(event) {
      callDeltas = NO_DELTAS;
      if (event === openai.DONE) {
        complete = true;
        return NOTHING;
      }
      // What follows a stop string is not read to its end, so its counts would be chance.
      if (stop?.isStopped) return NOTHING;
      const choice = event.choices?.[0];
      usage = usageIn(event) ?? usageIn(event.x_groq) ?? usageIn(choice) ?? usage;
      if (typeof choice !== "object" || choice === null) return NOTHING;
      if (typeof choice.finish_reason === "string") finishReason ??= choice.finish_reason;
      const delta = choice.delta ?? choice.message ?? {};
      const pieces = keep(read(delta, choice.delta ? undefined : choice.text));
      return topLogprobs === undefined ? pieces : withLogprobs(pieces, choice.logprobs);
    },
    end() {
      const pieces = [...rest(), ...promoted()];
      if (stop?.isStopped) finishReason = "stop";
      const hasText = spoken !== "";
      const isRepeated = isStructured && hasText;
      const calls = isRepeated ? NO_CALLS : assembler.end({ cutOff: isCutOff(finishReason) });
      const hasCalls = !assembler.isEmpty;
      const outcome = toOutcome({ finishReason, usage, complete, hasText, hasCalls });
      return {
        pieces,
        calls,
        outcome,
        text: spoken,
        thinking: thought,
        details,
        finishReason,
        usage,
      };
    },
    get callDeltas() {
      return callDeltas;
    },
    get isStopped() {
      return stop?.isStopped ?? false;
    },
    get closedSilently() {
      return tags.closedSilently;
    },
    get neverClosed() {
      return tags.neverClosed && !hasReasoningField;
    },
  };
}

function stringIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function usageIn(value: { usage?: openai.Usage | null } | null | undefined) {
  const usage = value?.usage;
  return typeof usage === "object" && usage !== null && !Array.isArray(usage) ? usage : undefined;
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
