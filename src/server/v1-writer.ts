import { BridgeError } from "../base/errors.ts";
import type { ChatEnd, ChatReader } from "../translate/chat-stream.ts";
import { createV1Answer, type V1AnswerOptions } from "../translate/v1-answer.ts";
import type { AnswerWriter } from "./answer.ts";
import type { Remember } from "./converse.ts";
import type { Meter } from "./meter.ts";

export interface V1WriterOptions extends V1AnswerOptions {
  reader: ChatReader;
  /** The provider's id, in front of what went wrong. */
  provider: string;
  remember: Remember;
  meter: Meter;
}

/** Writes a chat for `/v1`: events, or one object. */
export function createV1Writer(options: V1WriterOptions): AnswerWriter {
  const { reader, provider, remember, meter } = options;
  const answer = createV1Answer(options);

  function finish(end: ChatEnd): ChatEnd {
    const { outcome, calls, finishReason } = end;
    // A filter that leaves nothing has a word of its own here, unlike natively.
    if (outcome.kind === "broken" && finishReason !== "content_filter") {
      throw new BridgeError("upstream_failed", `${provider}: ${outcome.reason}`);
    }
    if (outcome.kind === "finished") meter.count(outcome);
    remember(end, calls.kind === "calls" ? calls.calls : []);
    return end;
  }

  return {
    framing: "sse",
    lines(event) {
      const chunks = answer.chunks(event);
      if (chunks.length > 0) meter.text();
      return chunks.map(toEvent);
    },
    *end() {
      const end = finish(reader.end());
      yield [...answer.ending(end).map(toEvent), "data: [DONE]\n\n"];
    },
    read: (event) => {
      answer.read(event);
    },
    whole: () => JSON.stringify(answer.whole(finish(reader.end()))),
    get isStopped() {
      return reader.isStopped;
    },
  };
}

function toEvent(chunk: object): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
