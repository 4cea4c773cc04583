import type * as ollama from "../protocol/ollama.ts";

/** How an answer is written on one of the two routes. Every line ends in `\n`; whole answers do not. */
export interface AnswerForm {
  /** A line of a stream. Assembled around the text: this runs once per token. */
  text(text: string, createdAt: string): string;
  /** The last line of a stream. */
  final(ending: Ending): string;
  /** The one object of an answer that is not streamed; of load and unload, too. */
  whole(text: string, ending: Ending): string;
}

export interface Ending {
  createdAt: string;
  doneReason: ollama.DoneReason;
  /** Absent for load and unload. */
  metrics?: ollama.Metrics;
}

/** `/api/chat`: the text is in `message.content`. */
export function chatForm(model: string): AnswerForm {
  return createForm(model, '"message":{"role":"assistant","content":', "}");
}

/** `/api/generate`: the text is in `response`. */
export function generateForm(model: string): AnswerForm {
  return createForm(model, '"response":', "");
}

function createForm(model: string, open: string, close: string): AnswerForm {
  const head = `{"model":${JSON.stringify(model)},"created_at":"`;
  const whole = (text: string, { createdAt, doneReason, metrics }: Ending) => {
    const rest = JSON.stringify({ done: true, done_reason: doneReason, ...metrics }).slice(1);
    return `${head}${createdAt}",${open}${JSON.stringify(text)}${close},${rest}`;
  };
  const beforeText = `",${open}`;
  const afterText = `${close},"done":false}\n`;
  return {
    text: (text, createdAt) => head + createdAt + beforeText + JSON.stringify(text) + afterText,
    final: (ending) => `${whole("", ending)}\n`,
    whole,
  };
}
