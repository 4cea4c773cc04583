import { startCli, type RunningCli } from "../support/cli.ts";
import { json, type Answer, type FakeProvider } from "../support/fake-provider.ts";
import { startStrictProvider } from "../support/strict-provider.ts";

/** The command line in front of a provider as strict as OpenAI, which plays one scene with every client. */
export interface Scene {
  url: string;
  provider: FakeProvider;
  /** The body of the last inference. */
  last(): Record<string, unknown>;
  close(): Promise<void>;
}

export const MODEL = "gpt-strict";
export const EMBEDDER = "text-embedding-strict";

export async function openScene(): Promise<Scene> {
  const provider = await startStrictProvider(play, { models: [MODEL, EMBEDDER, "vendor/slashed"] });
  let cli: RunningCli | undefined;
  try {
    cli = await startCli([], {
      env: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: provider.baseUrl },
    });
  } catch (error) {
    await provider.close();
    throw error;
  }
  const running = cli;
  return {
    url: running.url,
    provider,
    last: () => {
      const calls = provider.requests.filter(({ method }) => method === "POST");
      return (calls.at(-1)?.body ?? {}) as Record<string, unknown>;
    },
    async close() {
      await running.stop();
      await provider.close();
    },
  };
}

/** What the user says decides the answer. */
export const SAY = {
  hello: "Say hello.",
  weather: "Weather in Paris and Rome?",
  think: "Think first.",
  person: "Describe a person as JSON.",
  image: "What is in the image?",
  wait: "Wait for ever.",
  breakOff: "Break off.",
  wrongKey: "Refuse the key.",
  busy: "Be busy.",
} as const;

export const HELLO = "Hello, wörld!";
export const THOUGHT = "Let me think.";
export const FORECAST = "18 C in Paris, 22 C in Rome.";
export const CITIES = [{ city: "Paris" }, { city: "Rome" }];

/** 1x1 pixel. */
export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

interface Message {
  role: string;
  content: unknown;
}

interface Request {
  messages?: Message[];
  stream?: boolean;
  prompt?: string;
  suffix?: string;
  input?: string[];
  response_format?: unknown;
}

const play: Answer = (response, request) => {
  const body = request.body as Request;
  if (request.path === "/v1/embeddings") return embeddings(body)(response, request);
  if (request.path === "/v1/completions") {
    const texts = ["a", " + b"];
    const chunks = texts.map((text) => ({ text, finish_reason: null as string | null }));
    return reply(body, [...chunks, { text: "", finish_reason: "stop" }])(response, request);
  }
  return chat(body)(response, request);
};

function embeddings({ input = [] }: Request): Answer {
  const data = input.map((text, index) => ({
    object: "embedding",
    index,
    embedding: [text.length, 1],
  }));
  return json({ object: "list", data, usage: { prompt_tokens: 2, total_tokens: 2 } });
}

function chat(body: Request): Answer {
  const messages = body.messages ?? [];
  const text = JSON.stringify(messages.filter(({ role }) => role === "user"));
  const says = (words: string) => text.includes(words);
  // A result whose call the client has dropped comes as the user's words.
  if (messages.at(-1)?.role === "tool" || says("Result of a tool")) return words(body, FORECAST);
  if (says(SAY.weather)) return reply(body, WEATHER);
  if (says(SAY.think)) {
    return reply(body, [
      { delta: { role: "assistant", reasoning_content: "Let me" } },
      { delta: { reasoning_content: " think." } },
      { delta: { content: HELLO } },
      { delta: {}, finish_reason: "stop" },
    ]);
  }
  if (says(SAY.person)) return words(body, '{"name":"Ann","age":7}');
  if (says(SAY.image)) return words(body, text.includes("data:image/png") ? "a pixel" : "nothing");
  if (says(SAY.wrongKey)) return json({ error: { message: "Incorrect API key" } }, { status: 401 });
  if (says(SAY.busy)) {
    return json(
      { error: { message: "Rate limit" } },
      { status: 429, headers: { "retry-after": "7" } },
    );
  }
  if (says(SAY.wait)) return stall;
  if (says(SAY.breakOff)) return breakOff;
  return words(body, HELLO);
}

/** Two calls of one function, in fragments. */
const WEATHER = [
  { delta: { role: "assistant", content: null } },
  ...CITIES.flatMap((arguments_, index) => {
    const text = JSON.stringify(arguments_);
    const call = { index, id: `call_${index}0123456789`, type: "function" };
    const piece = (words: string) => ({
      delta: { tool_calls: [{ index, function: { arguments: words } }] },
    });
    const named = { ...call, function: { name: "get_weather", arguments: "" } };
    return [{ delta: { tool_calls: [named] } }, piece(text.slice(0, 5)), piece(text.slice(5))];
  }),
  { delta: {}, finish_reason: "tool_calls" },
];

function words(body: Request, text: string): Answer {
  const half = Math.ceil(text.length / 2);
  return reply(body, [
    { delta: { role: "assistant", content: "" } },
    { delta: { content: text.slice(0, half) } },
    { delta: { content: text.slice(half) } },
    { delta: {}, finish_reason: "stop" },
  ]);
}

interface Choice {
  delta?: Record<string, unknown>;
  text?: string;
  finish_reason?: string | null;
}

const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };

function event(choice: Choice): string {
  const body = {
    id: "chatcmpl-1",
    created: 1,
    choices: [{ index: 0, finish_reason: null, ...choice }],
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}

function reply({ stream }: Request, choices: Choice[]): Answer {
  if (!stream) return json({ id: "chatcmpl-1", created: 1, choices: [joined(choices)], usage });
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const last = `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`;
    response.end(choices.map(event).join("") + last);
  };
}

/** The same choices as an answer in one piece. */
function joined(choices: Choice[]): object {
  const finish_reason = choices.at(-1)?.finish_reason;
  const text = choices.map((choice) => choice.text ?? "").join("");
  const join = (field: string) =>
    choices.map(({ delta }) => (delta?.[field] ?? "") as string).join("");
  if (choices.some((choice) => choice.text !== undefined)) return { index: 0, text, finish_reason };
  const calls: { function: { arguments: string } }[] = [];
  for (const { delta } of choices) {
    for (const piece of (delta?.["tool_calls"] ?? []) as ({
      index: number;
    } & (typeof calls)[0])[]) {
      const known = calls[piece.index];
      if (known) known.function.arguments += piece.function.arguments;
      else calls[piece.index] = { ...piece, function: { ...piece.function } };
    }
  }
  const message = {
    role: "assistant",
    content: join("content") || null,
    ...(join("reasoning_content") && { reasoning_content: join("reasoning_content") }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
  return { index: 0, message, finish_reason };
}

/** One word, and then nothing until the client leaves. */
const stall: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event({ delta: { content: "Wait" } }));
};

const breakOff: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event({ delta: { content: "Half" } }));
  response.end('data: {"error":{"message":"The engine is out of memory","code":500}}\n\n');
};
