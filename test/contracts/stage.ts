import assert from "node:assert/strict";
import {
  json,
  sse,
  startFakeProvider,
  textChunks,
  type Answer,
  type FakeProvider,
} from "../support/fake-provider.ts";
import { checkAnswer } from "../support/schemas/check.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

export const MODEL = "gpt-4o";
export const EMBEDDER = "text-embedding-3-small";

/** The bridge in this process, in front of a provider with a chat model and one for embeddings. */
export interface Stage {
  url: string;
  bridge: RunningBridge;
  provider: FakeProvider;
  /** The body of the provider's last inference. */
  sent(): Record<string, unknown>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export async function openStage(
  answer: Answer = sse(textChunks("Hello", " world")),
): Promise<Stage> {
  const provider = await startFakeProvider(answer, {
    models: [MODEL, EMBEDDER, "vendor/model:free"],
  });
  const bridge = await startBridge(provider.baseUrl);
  return {
    url: bridge.url,
    bridge,
    provider,
    sent: () => {
      const calls = provider.requests.filter(({ method }) => method === "POST");
      return (calls.at(-1)?.body ?? {}) as Record<string, unknown>;
    },
    get: (path, headers = {}) => checked(bridge.url + path, { headers }),
    post: (path, body, headers = {}) =>
      checked(bridge.url + path, { method: "POST", body: JSON.stringify(body), headers }),
    async close() {
      await bridge.close();
      await provider.close();
    },
  };
}

/** Besides what the client checks, every answer is held to its schema. */
async function checked(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  checkAnswer({
    path: new URL(url).pathname.replaceAll("//", "/"),
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: await response.clone().text(),
  });
  return response;
}

interface Delta {
  content?: string | null;
  reasoning_content?: string;
  tool_calls?: object[];
}

/** A streamed answer of these deltas, and how it ends. */
export function deltas(list: Delta[], finish = "stop"): Answer {
  const choice = (delta: Delta, finish_reason: string | null = null) =>
    JSON.stringify({ id: "1", created: 1, choices: [{ index: 0, delta, finish_reason }] });
  const usage = JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4 } });
  return sse([...list.map((delta) => choice(delta)), choice({}, finish), usage, "[DONE]"]);
}

/** Two calls of one function. */
export const TWO_CALLS = deltas(
  ["Paris", "Rome"].map((city, index) => ({
    tool_calls: [
      {
        index,
        id: `call_0123456${index}`,
        type: "function",
        function: { name: "get_weather", arguments: JSON.stringify({ city }) },
      },
    ],
  })),
  "tool_calls",
);

export const THOUGHTFUL = deltas([{ reasoning_content: "Let me see." }, { content: "Yes." }]);

export const VECTOR = json({
  data: [{ index: 0, embedding: [3, 4] }],
  usage: { prompt_tokens: 2, total_tokens: 2 },
});

export const REFUSAL = json(
  { error: { message: "Rate limit" } },
  { status: 429, headers: { "retry-after": "7" } },
);

export const TOOLS = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } } },
    },
  },
];

export async function jsonOf<T>(response: Promise<Response>): Promise<T> {
  const answer = await response;
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as T;
}
