import { createParser, type EventSourceMessage } from "eventsource-parser";

/**
 * The largest event accepted, in characters. Perplexity repeats its search results in every chunk and
 * reaches hundreds of kilobytes; an endless line must still end somewhere.
 */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;

export interface SseEvent {
  /** The `event:` field; "error" also for a field named `error`, which GPUStack sends instead of data. */
  event: string | undefined;
  data: string;
}

export interface SseDecoder {
  /** The events that this piece of text completes. Throws a RangeError when an event exceeds the bound. */
  push(text: string): SseEvent[];
  /** The event that the end of the stream completes: vendors forget the last blank line. */
  end(): SseEvent[];
}

/** Server-sent events after the WHATWG specification, from text cut anywhere. Holds no clock and no socket. */
export function createSseDecoder({ maxEventChars = MAX_EVENT_CHARS } = {}): SseDecoder {
  let events: SseEvent[] = [];
  let tooLong = false;
  const parser = createParser({
    maxBufferSize: maxEventChars,
    onEvent: ({ event, data }: EventSourceMessage) => events.push({ event, data }),
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") tooLong = true;
      if (error.type === "unknown-field" && error.field === "error") {
        events.push({ event: "error", data: error.value ?? "" });
      }
    },
  });

  function take(text: string): SseEvent[] {
    events = [];
    parser.feed(text);
    if (tooLong) throw new RangeError(`an event is longer than ${maxEventChars} characters`);
    return events;
  }

  return { push: take, end: () => take("\n\n") };
}
