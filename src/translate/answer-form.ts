import type * as ollama from "../protocol/ollama.ts";
import type { Piece } from "./reasoning.ts";
import type { AnsweredCall } from "./tool-calls.ts";

/** How an answer is written on one of the two routes. Every line ends in `\n`; whole answers do not. */
export interface AnswerForm {
  /** What a line is on the wire. */
  framing: "ndjson" | "sse";
  /** A line of a stream; empty where the route has no words for it. Assembled around the text: this runs once per token. */
  piece(piece: Piece, createdAt: string): string;
  /** A line with one tool call: old versions of Zed read only the first of a line. */
  call(call: IndexedCall, createdAt: string): string;
  /** The last line of a stream. */
  final(ending: Ending): string;
  /** The one object of an answer that is not streamed; of load and unload, too. */
  whole(answer: WholeAnswer, ending: Ending): string;
}

interface IndexedCall extends AnsweredCall {
  /** Counts from 0. */
  index: number;
}

export interface WholeAnswer {
  pieces: Piece[];
  calls: AnsweredCall[];
}

export interface Ending {
  createdAt: string;
  doneReason: ollama.DoneReason;
  /** Absent for load and unload. */
  metrics?: ollama.Metrics;
  /** Of `/api/generate`: the conversation as integers. */
  context?: number[];
}

/** An answer without words. */
export const NO_ANSWER: WholeAnswer = { pieces: [], calls: [] };

/** `/api/chat`: all words are in `message`. */
export function chatForm(model: string): AnswerForm {
  return createForm(model, {
    open: '","message":{"role":"assistant","content":',
    close: "}",
    unfinished: ',"done":false',
  });
}

/** `/api/generate`: words are at the top level. ollama-ai-provider-v2 drops lines without a `context`. */
export function generateForm(model: string): AnswerForm {
  return createForm(model, {
    open: '","response":',
    close: "",
    unfinished: ',"done":false,"context":[]',
    hasContext: true,
  });
}

/** Around the words: what opens and closes them, and what says that more follow. */
interface Frame {
  open: string;
  close: string;
  unfinished: string;
  /** Every line has a `context`, if only an empty one; load and unload have none. */
  hasContext?: boolean;
}

function createForm(
  model: string,
  { open, close, unfinished, hasContext = false }: Frame,
): AnswerForm {
  const withContext = (ending: Ending): Ending =>
    hasContext && ending.metrics ? { ...ending, context: ending.context ?? [] } : ending;
  const head = `{"model":${JSON.stringify(model)},"created_at":"`;
  const line = (createdAt: string, words: string, rest: string) =>
    `${head}${createdAt}${open}${words}${close}${rest}`;
  return {
    framing: "ndjson",
    piece: ({ kind, text, logprobs }, createdAt) => {
      const quoted = JSON.stringify(text);
      const words = kind === "text" ? quoted : `"","thinking":${quoted}`;
      return line(createdAt, words, `${unfinished}${logprobsField(logprobs)}}\n`);
    },
    call: (call, createdAt) =>
      line(createdAt, `"","tool_calls":[${JSON.stringify(toToolCall(call))}]`, `${unfinished}}\n`),
    final: (ending) => line(ending.createdAt, '""', `,${restOf(withContext(ending), [])}\n`),
    whole: ({ pieces, calls }, ending) => {
      const thinking = textOf(pieces, "thinking");
      const toolCalls = calls.map((call, index) => toToolCall({ ...call, index }));
      const words = [
        JSON.stringify(textOf(pieces, "text")),
        ...(thinking === "" ? [] : [`"thinking":${JSON.stringify(thinking)}`]),
        ...(calls.length === 0 ? [] : [`"tool_calls":${JSON.stringify(toolCalls)}`]),
      ];
      return line(ending.createdAt, words.join(","), `,${restOf(withContext(ending), pieces)}`);
    },
  };
}

function restOf({ doneReason, context, metrics }: Ending, pieces: Piece[]): string {
  const logprobs = pieces.flatMap((piece) => piece.logprobs ?? []);
  const rest = {
    done: true,
    done_reason: doneReason,
    ...(context && { context }),
    ...metrics,
    ...(logprobs.length > 0 && { logprobs }),
  };
  return JSON.stringify(rest).slice(1);
}

function logprobsField(logprobs: Piece["logprobs"]): string {
  return logprobs === undefined ? "" : `,"logprobs":${JSON.stringify(logprobs)}`;
}

function textOf(pieces: Piece[], kind: Piece["kind"]): string {
  return pieces.map((piece) => (piece.kind === kind ? piece.text : "")).join("");
}

/** Without `type`, as Ollama writes it: Continue takes a `type` at the wrong place for another server's. */
function toToolCall({ id, index, name, arguments: values }: IndexedCall): object {
  return { id, function: { index, name, arguments: values } };
}
