import * as openai from "../protocol/openai.ts";
import type { ChatEnd, ChatReader } from "./chat-stream.ts";
import type { Piece } from "./reasoning.ts";

/**
 * Rewrites a provider's answer for a `/v1` client, with the least change: the model's name as it was asked
 * for, tool calls in order, thinking under all three names that clients read, and one clean end.
 */
export interface V1Answer {
  /** The chunks that an event makes. */
  chunks(event: openai.ChatEvent): object[];
  /** The chunks that end the stream: what was held back, the reason, and the usage if it is wanted. */
  ending(end: ChatEnd): object[];
  /** Reads an event of an answer in one piece. */
  read(event: openai.ChatEvent): void;
  whole(end: ChatEnd): object;
}

export interface V1AnswerOptions {
  /** As the client wrote it. */
  model: string;
  /** For providers that send no id or time: seconds since 1970. */
  created: number;
  id: string;
  includeUsage: boolean;
  reader: ChatReader;
}

type Fields = Record<string, unknown>;

export function createV1Answer(options: V1AnswerOptions): V1Answer {
  const { model, reader, includeUsage } = options;
  let frame: Fields = { id: options.id, created: options.created };
  let isFirst = true;
  let message: Fields = {};
  const pieces: Piece[] = [];
  const calls: Fields[] = [];

  function chunk(delta: Fields, choice: Fields = {}): object {
    const role = isFirst ? { role: "assistant" } : {};
    isFirst = false;
    const only = { index: 0, delta: { ...role, ...delta }, finish_reason: null, ...choice };
    return { ...frame, object: "chat.completion.chunk", model, choices: [only] };
  }

  function choiceIn(event: openai.ChatChunk): openai.ChatChoice | undefined {
    frame = { ...frame, ...frameOf(event) };
    const choice = event.choices?.[0];
    return typeof choice === "object" && choice !== null ? choice : undefined;
  }

  return {
    chunks(event) {
      const read = reader.push(event);
      if (event === openai.DONE) return [];
      const choice = choiceIn(event);
      if (!choice) return [];
      const others = othersOf(choice.delta ?? choice.message ?? {});
      const { logprobs } = choice;
      const deltas = [...read.map(toDelta), ...toolDelta(reader.callDeltas)];
      if (deltas.length === 0 && (isFirst || Object.keys(others).length > 0)) {
        deltas.push({ content: "" });
      }
      return deltas.map((delta, index) =>
        chunk(
          index === 0 ? { ...others, ...delta } : delta,
          index === 0 && logprobs ? { logprobs } : {},
        ),
      );
    },
    ending({ pieces: held, calls: assembled, outcome, finishReason, usage }) {
      const hasCalls = assembled.kind !== "calls" || assembled.calls.length > 0;
      const finish_reason = toFinishReason({ outcome, finishReason, hasCalls });
      return [
        ...held.map((piece) => chunk(toDelta(piece))),
        chunk({}, { finish_reason }),
        ...(includeUsage && usage
          ? [{ ...frame, object: "chat.completion.chunk", model, choices: [], usage }]
          : []),
      ];
    },
    read(event) {
      pieces.push(...reader.push(event));
      if (event === openai.DONE) return;
      const choice = choiceIn(event);
      const delta = choice?.delta ?? choice?.message;
      if (!choice || !delta) return;
      message = { ...message, ...othersOf(delta) };
      for (const piece of reader.callDeltas) addCall(calls, piece);
    },
    whole({ pieces: held, calls: assembled, outcome, finishReason, usage }) {
      const all = [...pieces, ...held];
      const text = textOf(all, "text");
      const thinking = textOf(all, "thinking");
      const isRepeated = assembled.kind === "calls" && assembled.calls.length === 0;
      const tool_calls = isRepeated ? [] : calls;
      const hasCalls = tool_calls.length > 0;
      return {
        ...frame,
        object: "chat.completion",
        model,
        choices: [
          {
            index: 0,
            message: {
              role: "assistant",
              content: text === "" && hasCalls ? null : text,
              ...(thinking !== "" && underAllNames(thinking)),
              ...message,
              ...(hasCalls && { tool_calls }),
            },
            finish_reason: toFinishReason({ outcome, finishReason, hasCalls }),
          },
        ],
        ...(usage && { usage }),
      };
    },
  };
}

const FINISH_REASONS = new Set(["stop", "length", "tool_calls", "content_filter", "function_call"]);

/** OpenAI's own words stay. Calls end as such even where the provider says "stop", or nothing. */
function toFinishReason({
  outcome,
  finishReason = "",
  hasCalls,
}: Pick<ChatEnd, "outcome" | "finishReason"> & { hasCalls: boolean }): string {
  if (outcome.kind === "finished" && outcome.doneReason === "length") return "length";
  if (hasCalls) return "tool_calls";
  return FINISH_REASONS.has(finishReason) ? finishReason : "stop";
}

function toDelta({ kind, text }: Piece): Fields {
  return kind === "text" ? { content: text } : { content: "", ...underAllNames(text) };
}

/** Ollama's name, the AI SDK's, and Copilot Chat's. */
function underAllNames(reasoning: string): Fields {
  return { reasoning, reasoning_content: reasoning, reasoning_text: reasoning };
}

function toolDelta(tool_calls: readonly unknown[]): Fields[] {
  return tool_calls.length === 0 ? [] : [{ tool_calls }];
}

function addCall(calls: Fields[], piece: ChatReader["callDeltas"][number]): void {
  const { index, function: called } = piece;
  const known = calls[index] as { function: { arguments: string } } | undefined;
  if (known) known.function.arguments += called.arguments;
  else calls[index] = { ...piece, function: { ...called } };
}

const REWRITTEN = new Set([
  "role",
  "content",
  "tool_calls",
  "function_call",
  "reasoning",
  "reasoning_content",
  "reasoning_text",
  "thinking",
]);

/** What the bridge does not touch: annotations, signatures, and whatever else vendors add. */
function othersOf(delta: object): Fields {
  if (typeof delta !== "object" || Array.isArray(delta)) return {};
  return Object.fromEntries(
    Object.entries(delta).filter(([name, value]) => !REWRITTEN.has(name) && value !== null),
  );
}

/** What vendors say around the choices; what is empty in a later chunk stays as it was. */
function frameOf(event: object): Fields {
  return Object.fromEntries(
    Object.entries(event).filter(
      ([name, value]) => !WRITTEN.has(name) && value !== null && isFit(name, value),
    ),
  );
}

/** Two of them have a type that clients rely on. */
function isFit(name: string, value: unknown): boolean {
  if (name === "id") return typeof value === "string" && value !== "";
  if (name === "created") return Number.isInteger(value);
  return value !== "";
}

/** Written by the bridge, at their places. */
const WRITTEN = new Set(["choices", "usage", "object", "model"]);

function textOf(pieces: Piece[], kind: Piece["kind"]): string {
  return pieces.map((piece) => (piece.kind === kind ? piece.text : "")).join("");
}
