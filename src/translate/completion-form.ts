import type { AnswerForm, Ending } from "./answer-form.ts";

export interface CompletionOptions {
  id: string;
  /** As the client wrote it. */
  model: string;
  /** Seconds since 1970. */
  created: number;
  includeUsage: boolean;
}

/** `/v1/completions`: OpenAI's text completions. Thinking has no place in them and is left out. */
export function completionForm({ includeUsage, ...frame }: CompletionOptions): AnswerForm {
  const object = "text_completion";
  const { id, created, model } = frame;
  const chunk = (text: string, finish_reason: string | null) =>
    toEvent({
      id,
      object,
      created,
      model,
      choices: [{ text, index: 0, logprobs: null, finish_reason }],
    });
  return {
    framing: "sse",
    piece: ({ kind, text }) => (kind === "text" ? chunk(text, null) : ""),
    call: () => "",
    final: (ending) => {
      const usage = toUsage(ending);
      return [
        chunk("", ending.doneReason),
        ...(includeUsage && usage
          ? [toEvent({ id, object, created, model, choices: [], usage })]
          : []),
        "data: [DONE]\n\n",
      ].join("");
    },
    whole: ({ pieces }, ending) => {
      const text = pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
      const choices = [{ text, index: 0, logprobs: null, finish_reason: ending.doneReason }];
      const usage = toUsage(ending);
      return JSON.stringify({ id, object, created, model, choices, ...(usage && { usage }) });
    },
  };
}

function toUsage({ metrics }: Ending): object | undefined {
  const { prompt_eval_count: prompt_tokens, eval_count: completion_tokens } = metrics ?? {};
  if (prompt_tokens === undefined || completion_tokens === undefined) return undefined;
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function toEvent(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
