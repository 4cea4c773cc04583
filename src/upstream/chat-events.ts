import type * as openai from "../protocol/openai.ts";
import { createChatDecoder, type ChatDecoderOptions } from "./chat-decoder.ts";
import { failureFromException } from "./failure.ts";
import type { Watchdog } from "./watchdog.ts";

export interface ChatEventsOptions extends ChatDecoderOptions {
  watchdog: Watchdog;
}

/**
 * The events of a chat answer, in the batches in which the network brought them: one turn through the
 * chain for each read, not for each event.
 *
 * @throws BridgeError for whatever goes wrong; the batches before it are delivered
 */
export async function* chatEvents(
  body: AsyncIterable<Uint8Array>,
  options: ChatEventsOptions,
): AsyncGenerator<openai.ChatEvent[]> {
  const decoder = createChatDecoder(options);
  try {
    for await (const bytes of body) {
      options.watchdog.alive();
      const { events, failure, done } = decoder.push(bytes);
      if (events.length > 0) yield events;
      if (failure) throw failure;
      if (done) return;
    }
    const { events, failure } = decoder.end();
    if (events.length > 0) yield events;
    if (failure) throw failure;
  } catch (error) {
    throw failureFromException(error, options.provider);
  } finally {
    options.watchdog.stop();
  }
}
