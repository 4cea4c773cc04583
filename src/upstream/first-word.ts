import type * as openai from "../protocol/openai.ts";

/**
 * The same batches, from when the first word is there: an error before it is thrown here, while another attempt can
 * still be made. Roles, comments and empty pieces are no words.
 *
 * @throws what the batches throw before the first word
 */
export async function fromFirstWord(
  batches: AsyncGenerator<openai.ChatEvent[]>,
): Promise<AsyncIterable<openai.ChatEvent[]>> {
  const held: openai.ChatEvent[] = [];
  for (;;) {
    const next = await batches.next();
    if (next.done) break;
    held.push(...next.value);
    if (next.value.some(isWord)) break;
  }
  let first: openai.ChatEvent[] | undefined = held.length > 0 ? held : undefined;
  return {
    [Symbol.asyncIterator]: () => ({
      next() {
        if (!first) return batches.next();
        const value = first;
        first = undefined;
        return Promise.resolve({ done: false, value });
      },
      return: () => batches.return(undefined),
    }),
  };
}

function isWord(event: openai.ChatEvent): boolean {
  if (typeof event === "symbol") return true;
  const choice = event.choices?.[0];
  if (!choice) return false;
  if (choice.finish_reason || choice.text) return true;
  const said = Object.entries(choice.delta ?? choice.message ?? {});
  return said.some(([name, value]) => name !== "role" && Boolean(value) && !isEmptyList(value));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
