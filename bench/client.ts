import { Agent, request, type Dispatcher } from "undici";
import { ANSWER, streamedText, type Script } from "./completion.ts";
import type { RunningContender } from "./contenders.ts";

const LINE_FEED = 10;
const EXPECTED = JSON.stringify(ANSWER);

/** The load: as light as it can be while it still notices when something is missing. */
export interface Client {
  setScript(providerUrl: string, script: Script): Promise<void>;
  /** One answer in one piece. @throws Error when its text is not the provider's */
  ask(contender: RunningContender): Promise<void>;
  /** One streamed answer. @throws Error when chunks are missing or too many */
  stream(contender: RunningContender, options: StreamOptions): Promise<void>;
  /** One streamed answer, read closely. @throws Error when its text is not the provider's */
  verify(contender: RunningContender, chunks: number): Promise<void>;
  close(): Promise<void>;
}

interface StreamOptions {
  chunks: number;
  /** Called with each read, when so many newlines have arrived in all. */
  onNewlines?: (count: number) => void;
}

export function createClient(): Client {
  const dispatcher = new Agent({ connections: 1024, pipelining: 1 });

  async function post(url: string, body: string): Promise<Dispatcher.ResponseData["body"]> {
    const headers = { "content-type": "application/json" };
    const reply = await request(url, { method: "POST", headers, body, dispatcher });
    if (reply.statusCode === 200) return reply.body;
    throw new Error(`${url} answered ${reply.statusCode}: ${await reply.body.text()}`);
  }

  const send = (contender: RunningContender, stream: boolean) =>
    post(contender.child.url + contender.path, contender.body({ stream }));

  return {
    async setScript(providerUrl, script) {
      await (await post(`${providerUrl}/control`, JSON.stringify(script))).dump();
    },
    async ask(contender) {
      const text = await (await send(contender, false)).text();
      if (!text.includes(EXPECTED)) throw new Error(`${contender.name} answered ${text}`);
    },
    async stream(contender, { chunks, onNewlines }) {
      let count = 0;
      for await (const bytes of await send(contender, true)) {
        count += countNewlines(bytes as Buffer);
        onNewlines?.(count);
      }
      expectEqual(count, contender.newlines(chunks), `newlines from the ${contender.name}`);
    },
    async verify(contender, chunks) {
      const text = contender.text(await (await send(contender, true)).text());
      expectEqual(text, streamedText(chunks), `the text from the ${contender.name}`);
    },
    close: () => dispatcher.close(),
  };
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

function expectEqual<T>(actual: T, expected: T, what: string): void {
  if (actual !== expected)
    throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}
