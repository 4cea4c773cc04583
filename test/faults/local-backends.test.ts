import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sse, startFakeProvider, textChunks, type FakeProvider } from "../support/fake-provider.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const messages = [{ role: "user", content: "Hi" }];

const post = (body: object) => ({ method: "POST", body: JSON.stringify(body) });

async function linesOf(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("a bridge in front of another bridge", () => {
  let provider: FakeProvider;
  let inner: RunningBridge;
  let outer: RunningBridge;

  before(async () => {
    provider = await startFakeProvider(sse(textChunks("Hello", " world")), { models: ["a/b:7b"] });
    inner = await startBridge(provider.baseUrl);
    outer = await startBridge(`${inner.url}/v1`);
  });

  after(async () => {
    await outer.close();
    await inner.close();
    await provider.close();
  });

  it("lists its models and gives its answers, counts included", async () => {
    const tags = (await (await fetch(`${outer.url}/api/tags`)).json()) as { models: object[] };
    assert.equal(tags.models.length, 1);
    const lines = await linesOf(
      await fetch(`${outer.url}/api/chat`, post({ model: "a/b:7b", messages })),
    );
    const text = lines.map(({ message }) => (message as { content: string }).content).join("");
    assert.equal(text, "Hello world");
    const { done, prompt_eval_count, eval_count } = lines.at(-1) ?? {};
    assert.deepEqual([done, prompt_eval_count, eval_count], [true, 7, 2]);
  });

  it("does the same with tools, in one piece, and with errors", async () => {
    const call = { index: 0, id: "abcdefghi", function: { name: "f", arguments: '{"a":1}' } };
    provider.answer = sse([
      JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] }),
      JSON.stringify({ choices: [{ delta: {}, finish_reason: "tool_calls" }] }),
      "[DONE]",
    ]);
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    const body = { model: "a/b:7b", messages, tools, stream: false };
    const [answer] = await linesOf(await fetch(`${outer.url}/api/chat`, post(body)));
    const { tool_calls } = answer?.["message"] as { tool_calls: { function: object }[] };
    assert.deepEqual(tool_calls[0]?.function, { index: 0, name: "f", arguments: { a: 1 } });
    provider.answer = (response) => {
      response.writeHead(402).end('{"error":{"message":"no money"}}');
    };
    const failed = await fetch(`${outer.url}/api/chat`, post({ model: "a/b:7b", messages }));
    assert.equal(failed.status, 402);
    assert.match(await failed.text(), /local: local: no money/);
  });
});

describe("a bridge that is its own provider", () => {
  for (const [name, provider] of [
    ["by its base URL", { id: "me", baseUrl: "http://localhost:18999/v1" }],
    ["by Ollama's preset", { id: "me", preset: "ollama", baseUrl: "http://127.0.0.1:18999" }],
  ] as const) {
    it(`is told so before it starts: ${name}`, async () => {
      const settings = { port: 18_999, providers: [provider] };
      await assert.rejects(startBridge("", { settings }), {
        code: "invalid_settings",
        message: /"me" is at port 18999, where the bridge itself listens/,
      });
    });
  }
});

type Route = (response: ServerResponse, body: Record<string, unknown>) => void;

const LISTED = {
  name: "llama3.2:3b",
  model: "llama3.2:3b",
  modified_at: "2026-05-04T14:56:49.277302595-07:00",
  size: 2_019_393_189,
  digest: "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72",
  details: {
    format: "gguf",
    family: "llama",
    parameter_size: "3.2B",
    quantization_level: "Q4_K_M",
  },
  capabilities: ["completion", "tools"],
};

const SHOWN = {
  modelfile: "FROM x",
  template: "{{ .Prompt }}",
  details: LISTED.details,
  model_info: { "llama.context_length": 131_072 },
  capabilities: ["completion", "tools"],
};

const line = (content: string, more: object = {}) =>
  `${JSON.stringify({ model: "llama3.2:3b", created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content }, done: false, ...more })}\n`;
const LAST = line("", {
  done: true,
  done_reason: "stop",
  prompt_eval_count: 26,
  eval_count: 2,
  load_duration: 5,
});

describe("a real Ollama behind the bridge", () => {
  let ollama: Server;
  let hosted: FakeProvider;
  let bridge: RunningBridge;
  let asked: { path: string; body: Record<string, unknown> }[];
  let answer: Route;

  before(async () => {
    ollama = createServer((message, response) => {
      let text = "";
      message.on("data", (piece: Buffer) => (text += piece.toString()));
      message.on("end", () => {
        const path = message.url ?? "";
        const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
        if (path === "/api/tags") {
          response.end(
            JSON.stringify({
              models: [LISTED, { ...LISTED, model: "gpt-test", name: "gpt-test" }],
            }),
          );
          return;
        }
        asked.push({ path, body });
        answer(response, body);
      });
    });
    await new Promise<void>((resolve) => ollama.listen(0, "127.0.0.1", resolve));
    const { port } = ollama.address() as AddressInfo;
    hosted = await startFakeProvider();
    bridge = await startBridge("", {
      settings: {
        providers: [
          { id: "mine", preset: "ollama", baseUrl: `http://127.0.0.1:${port}` },
          { id: "hosted", baseUrl: hosted.baseUrl },
        ],
        aliases: {
          helper: {
            model: "llama3.2:3b",
            options: { temperature: 0.1, top_k: 1 },
            system: "Be brief.",
            think: false,
          },
          either: ["mine/gpt-test", "hosted/gpt-test"],
        },
        retry: { attempts: 1 },
      },
    });
  });

  beforeEach(() => {
    asked = [];
    answer = (response) => response.end(line("Hel") + line("lo") + LAST);
  });

  after(async () => {
    await bridge.close();
    await hosted.close();
    ollama.closeAllConnections();
    await new Promise((resolve) => ollama.close(resolve));
  });

  const ask = (path: string, body: object) => fetch(bridge.url + path, post(body));

  it("has its models in one list with the hosted ones, as it lists them itself", async () => {
    const { models } = (await (await fetch(`${bridge.url}/api/tags`)).json()) as {
      models: (typeof LISTED)[];
    };
    assert.deepEqual(models.map(({ name }) => name).sort(), [
      "either:latest",
      "helper:latest",
      "hosted/gpt-test:latest",
      "llama3.2:3b",
      "mine/gpt-test:latest",
    ]);
    assert.deepEqual(
      models.find(({ name }) => name === "llama3.2:3b"),
      LISTED,
    );
  });

  it("gets the request as it came, and its answer comes back as it is", async () => {
    const body = {
      model: "mine/llama3.2:3b",
      messages,
      options: { num_ctx: 8192, mirostat: 1 },
      keep_alive: "5m",
      format: "json",
      unknown: { field: 1 },
    };
    const lines = await linesOf(await ask("/api/chat", body));
    assert.deepEqual(asked, [{ path: "/api/chat", body: { ...body, model: "llama3.2:3b" } }]);
    const named = (text: string) => ({
      ...(JSON.parse(text) as object),
      model: "mine/llama3.2:3b",
    });
    assert.deepEqual(lines, [named(line("Hel")), named(line("lo")), named(LAST)]);
  });

  it("fills holes, completes and embeds itself", async () => {
    answer = (response) =>
      response.end(
        `${JSON.stringify({ model: "llama3.2:3b", response: "b", done: true, context: [1, 2] })}\n`,
      );
    const hole = { model: "llama3.2:3b", prompt: "a(", suffix: ")", context: [3], stream: false };
    const [filled] = await linesOf(await ask("/api/generate", hole));
    assert.deepEqual(filled?.["context"], [1, 2]);
    assert.deepEqual(asked[0], { path: "/api/generate", body: hole });
    answer = (response) =>
      response.end('{"model":"llama3.2:3b","embeddings":[[1,0]],"prompt_eval_count":3}');
    const [embedded] = await linesOf(await ask("/api/embed", { model: "llama3.2:3b", input: "a" }));
    assert.deepEqual(embedded?.["embeddings"], [[1, 0]]);
    answer = (response) => response.end('{"embedding":[1,0]}');
    const [legacy] = await linesOf(
      await ask("/api/embeddings", { model: "llama3.2:3b", prompt: "a" }),
    );
    assert.deepEqual(legacy, { embedding: [1, 0] });
  });

  it("shows its models itself", async () => {
    answer = (response) => response.end(JSON.stringify(SHOWN));
    const [shown] = await linesOf(await ask("/api/show", { model: "llama3.2:3b", verbose: true }));
    assert.deepEqual(shown, SHOWN);
    assert.deepEqual(asked[0], {
      path: "/api/show",
      body: { model: "llama3.2:3b", verbose: true },
    });
  });

  it("loads and unloads as it is told", async () => {
    answer = (response) => response.end(LAST);
    await linesOf(await ask("/api/chat", { model: "llama3.2:3b", messages: [], keep_alive: 0 }));
    assert.equal(asked[0]?.body["keep_alive"], 0);
  });

  it("gets what an alias adds, and what the request says itself wins", async () => {
    await linesOf(await ask("/api/chat", { model: "helper", messages, options: { top_k: 5 } }));
    assert.deepEqual(asked[0]?.body, {
      model: "llama3.2:3b",
      messages: [{ role: "system", content: "Be brief." }, ...messages],
      options: { temperature: 0.1, top_k: 5 },
      think: false,
    });
    await linesOf(await ask("/api/generate", { model: "helper", prompt: "Hi", system: "Own." }));
    assert.equal(asked[1]?.body["system"], "Own.");
  });

  it("is spoken to through its /v1 where the client speaks that", async () => {
    answer = (response) =>
      response.end(
        textChunks("Hello")
          .map((data) => `data: ${data}\n\n`)
          .join(""),
      );
    const response = await ask("/v1/chat/completions", { model: "llama3.2:3b", messages });
    assert.match(await response.text(), /"content":"Hello"/);
    assert.equal(asked[0]?.path, "/v1/chat/completions");
  });

  const BROKEN: [string, Route, number, RegExp][] = [
    [
      "an error before the first line",
      (response) => response.writeHead(500).end('{"error":"model requires more memory"}'),
      502,
      /mine: model requires more memory/,
    ],
    [
      "an error as the first line",
      (response) => response.end('{"error":"llama runner crashed"}\n'),
      502,
      /llama runner crashed/,
    ],
    ["no JSON", (response) => response.end("<html>"), 502, /the answer is not Ollama's/],
  ];
  for (const [name, route, status, words] of BROKEN) {
    it(`fails with its status: ${name}`, async () => {
      answer = route;
      const response = await ask("/api/chat", { model: "llama3.2:3b", messages });
      assert.equal(response.status, status);
      assert.match(await response.text(), words);
    });
  }

  const CUT: [string, Route, RegExp][] = [
    [
      "an error in the middle",
      (response) => response.end(`${line("a")}{"error":"out of memory"}\n`),
      /out of memory/,
    ],
    [
      "an end without done",
      (response) => response.end(line("a")),
      /closed the stream in the middle/,
    ],
    [
      "a cut connection",
      (response) => {
        response.write(line("a"));
        setTimeout(() => response.destroy(), 20);
      },
      /closed the connection/,
    ],
  ];
  for (const [name, route, words] of CUT) {
    it(`ends with an error line and never done: ${name}`, async () => {
      answer = route;
      const lines = await linesOf(await ask("/api/chat", { model: "llama3.2:3b", messages }));
      assert.equal(lines.length, 2);
      assert.match(String(lines[1]?.["error"]), words);
    });
  }

  it("has all the time it needs for a stream, and the limits of each route for the rest", async () => {
    const { port } = ollama.address() as AddressInfo;
    const timeouts = { totalMs: 60, embedFirstByteMs: 70, listFirstByteMs: 5000 };
    const providers = [{ id: "mine", preset: "ollama", baseUrl: `http://127.0.0.1:${port}` }];
    const hasty = await startBridge("", { settings: { providers, timeouts } });
    const slowly: Route = (response) => {
      response.write(line("a"));
      setTimeout(() => response.end(LAST), 150);
    };
    const send = (path: string, body: object) =>
      fetch(hasty.url + path, post({ model: "llama3.2:3b", ...body }));
    try {
      answer = slowly;
      const streamed = await linesOf(await send("/api/chat", { messages }));
      assert.equal(streamed.at(-1)?.["done"], true, "without a word on streaming it is one");
      answer = () => undefined;
      const whole = await send("/api/chat", { messages, stream: false });
      assert.match(await whole.text(), /setting timeouts\.totalMs/);
      const embedded = await send("/api/embed", { input: "a" });
      assert.match(await embedded.text(), /setting timeouts\.(totalMs|embedFirstByteMs)/);
    } finally {
      await hasty.close();
    }
  });

  it("is stood in for by a hosted model when it fails", async () => {
    answer = (response) => response.writeHead(500).end('{"error":"no memory"}');
    const lines = await linesOf(await ask("/api/chat", { model: "either", messages }));
    assert.equal(lines.at(-1)?.["done"], true);
    assert.equal(lines[0]?.["model"], "either");
    assert.ok(hosted.requests.some(({ path }) => path === "/v1/chat/completions"));
  });

  it("is counted like any provider", async () => {
    await linesOf(await ask("/api/chat", { model: "llama3.2:3b", messages }));
    const status = (await (await fetch(`${bridge.url}/bridge/status`)).json()) as {
      models: { model: string; sinceStart: { promptTokens: number } }[];
    };
    const counted = status.models.find(({ model }) => model === "llama3.2:3b");
    assert.ok((counted?.sinceStart.promptTokens ?? 0) >= 26);
  });
});
