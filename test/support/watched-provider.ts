import { startFakeProvider, type Answer, type FakeProvider } from "./fake-provider.ts";

export interface WatchedProvider extends FakeProvider {
  /** Chat calls that the bridge has made. */
  readonly chats: number;
  /** Chat calls whose answer has neither ended nor been hung up on. */
  readonly openChats: number;
}

/** A fake provider that knows which of its answers are still under way. */
export async function startWatchedProvider(answer: Answer): Promise<WatchedProvider> {
  let chats = 0;
  let openChats = 0;
  const provider = (await startFakeProvider(() => undefined)) as WatchedProvider;
  let current = answer;
  Object.defineProperties(provider, {
    answer: {
      get: (): Answer => (response, request) => {
        chats++;
        openChats++;
        response.on("close", () => openChats--);
        return current(response, request);
      },
      set: (next: Answer) => {
        current = next;
      },
    },
    chats: { get: () => chats },
    openChats: { get: () => openChats },
  });
  return provider;
}

/** `data: …` of one event. */
export function event(payload: unknown): string {
  return `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`;
}

export function textEvent(content: string): string {
  return event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}
