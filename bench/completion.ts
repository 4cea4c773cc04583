export interface Script {
  /** Content chunks in each streamed answer; a multiple of `eventsPerWrite`. */
  chunks: number;
  eventsPerWrite: number;
  /** Between two writes of one stream; 0 writes in every turn of the event loop. */
  intervalMs: number;
}

export const MODEL = "bench-model";

/** Mostly plain, with what has to be escaped and what is more than one byte long. */
const TOKENS =
  'The| quick| brown| fox|,| she| wrote|:| "jump|"|.\n\n| Olá| over| the| lazy| dog'.split("|");

/** What the provider says before the content chunks (the role) and after them (finish, usage, [DONE]). */
export const EXTRA_EVENTS = 4;

export const ANSWER = streamedText(32);

/** The text of a stream of so many content chunks. */
export function streamedText(chunks: number): string {
  return Array.from({ length: chunks }, (_, index) => tokenAt(index)).join("");
}

export const ROLE_EVENT = toEvent({
  choices: [toChoice({ role: "assistant", content: "", refusal: null })],
});

export const CLOSING_EVENTS = [
  toEvent({ choices: [{ ...toChoice({}), finish_reason: "stop" }] }),
  toEvent({
    choices: [],
    usage: { prompt_tokens: 9, completion_tokens: 20, total_tokens: 29 },
  }),
  "data: [DONE]\n\n",
].join("");

/** The writes of content in order; the stream repeats them from the start. */
export function contentWrites(eventsPerWrite: number): Buffer[] {
  return TOKENS.map((_, write) => {
    const first = write * eventsPerWrite;
    const events = Array.from({ length: eventsPerWrite }, (_, index) =>
      toEvent({ choices: [toChoice({ content: tokenAt(first + index) })] }),
    );
    return Buffer.from(events.join(""));
  });
}

export const WHOLE_ANSWER = JSON.stringify({
  id: "chatcmpl-DuLdCoxuLDs8HRMlOuz0Bi4wgi4XJ",
  object: "chat.completion",
  created: 1782321890,
  model: MODEL,
  choices: [
    {
      index: 0,
      message: { role: "assistant", content: ANSWER, refusal: null },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 32, total_tokens: 41 },
});

export const MODEL_LIST = JSON.stringify({
  object: "list",
  data: [{ id: MODEL, object: "model", created: 1715367049, owned_by: "bench" }],
});

function tokenAt(index: number): string {
  return TOKENS[index % TOKENS.length] ?? "";
}

function toChoice(delta: object) {
  return { index: 0, delta, logprobs: null, finish_reason: null as string | null };
}

/** Shaped and sized as gpt-4o's, recorded in 2026: some 300 bytes for a word. */
function toEvent(fields: object): string {
  const chunk = {
    id: "chatcmpl-DuLdCoxuLDs8HRMlOuz0Bi4wgi4XJ",
    object: "chat.completion.chunk",
    created: 1782321890,
    model: MODEL,
    service_tier: "default",
    system_fingerprint: "fp_86f87dc6f1",
    usage: null,
    ...fields,
    obfuscation: "kGEVHK9STFy0L",
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
