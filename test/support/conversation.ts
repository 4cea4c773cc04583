import { createScriptedTransport, type ScriptedAnswer } from "./scripted-transport.ts";
import { checkAnswer } from "./schemas/check.ts";
import { createTestApp, type TestAppOptions } from "./test-app.ts";

interface Fetched {
  status: number;
  text: string;
  type: string;
  headers: Headers;
}

export interface Talk {
  /** Sends a body to a path; the answer of the provider is the next scripted one. */
  send(path: string, body: object, method?: string): Promise<Record<string, unknown>[]>;
  /** Any request: its status, and its body as text. */
  fetch(path: string, init?: RequestInit): Promise<Fetched>;
  /** The bodies that the provider was sent, and where to. */
  sent: Record<string, unknown>[];
  paths: string[];
  log: ReturnType<typeof createTestApp>["log"];
  meters: ReturnType<typeof createTestApp>["meters"];
}

export interface TalkOptions extends Pick<TestAppOptions, "provider" | "aliases" | "cacheMode"> {
  baseUrl: string;
  /** As the provider lists them. */
  models?: (string | object)[];
  /** Called when it is asked for them. */
  onList?: () => void;
}

/** Several requests to one app, whose provider gives one scripted answer after the other. */
export function startTalk(
  answers: ScriptedAnswer[],
  { baseUrl, models = ["gpt-test"], onList, ...options }: TalkOptions,
): Talk {
  const queue = [...answers];
  const sent: Record<string, unknown>[] = [];
  const paths: string[] = [];
  const transport = createScriptedTransport({ body: new Uint8Array() }, { models });
  const { app, log, meters } = createTestApp({
    ...options,
    baseUrl,
    transport: {
      ...transport,
      send(call) {
        if (call.method === "GET") {
          onList?.();
          return transport.send(call);
        }
        paths.push(call.url);
        sent.push(JSON.parse(call.body ?? "{}") as Record<string, unknown>);
        const next = queue.shift() ?? { body: new Uint8Array() };
        return createScriptedTransport(next).send(call);
      },
    },
  });
  async function fetch(path: string, init?: RequestInit) {
    const response = await app(new Request(`http://127.0.0.1:11434${path}`, init));
    const type = response.headers.get("content-type") ?? "";
    const text = await response.text();
    checkAnswer({ path, status: response.status, contentType: type, text });
    return { status: response.status, text, type, headers: response.headers };
  }

  return {
    sent,
    paths,
    log,
    meters,
    fetch,
    async send(path, body, method = "POST") {
      const init = { method, body: JSON.stringify({ model: "gpt-test", ...body }) };
      return linesIn((await fetch(path, init)).text);
    },
  };
}

/** The objects of lines or of events. */
function linesIn(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .map((line) => line.replace(/^data: /, ""))
    .filter((line) => line !== "" && line !== "[DONE]")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A streamed chat answer whose deltas are these. */
export function streamOf(...deltas: object[]): ScriptedAnswer {
  const events = [
    ...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  ];
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return { body: Buffer.from(`${text}data: [DONE]\n\n`) };
}
