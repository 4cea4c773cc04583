import assert from "node:assert/strict";
import {
  deltas,
  jsonOf,
  MODEL,
  openStage,
  REFUSAL,
  TOOLS,
  TWO_CALLS,
  THOUGHTFUL,
  type Stage,
} from "./stage.ts";

/** Copilot Chat's Ollama provider in VS Code (clients.md 1.1): what it asks for, and what it throws at. */
interface Shown {
  capabilities: string[];
  model_info: Record<string, unknown>;
}

interface Delta {
  content?: string;
  cot_summary?: string;
  reasoning_text?: string;
  thinking?: string;
  tool_calls?: { index: number; id?: string; function?: { name?: string; arguments?: string } }[];
}

interface Chunk {
  error?: { message: string };
  choices?: { index: number; delta: Delta; finish_reason?: string | null }[];
  usage?: { total_tokens?: number };
}

const AGENT = { "user-agent": "GitHubCopilotChat/0.42.0" };

/** The extension puts its path behind whatever URL was configured, slash or not. */
const BASE = "/";

async function walk(stage: Stage) {
  const { version } = await jsonOf<{ version: string }>(stage.get(`${BASE}/api/version`, AGENT));
  const parts = version.split(".").map((part) => parseInt(part, 10));
  const [major = 0, minor = 0, patch = 0] = parts;
  assert.ok(major > 0 || minor > 6 || (minor === 6 && patch >= 4), "at least 0.6.4");
  const { models } = await jsonOf<{ models: { model: string }[] }>(
    stage.get(`${BASE}/api/tags`, AGENT),
  );
  const shown: (Shown & { id: string })[] = [];
  for (const { model } of models) {
    const one = await jsonOf<Shown>(stage.post(`${BASE}/api/show`, { model }, AGENT));
    shown.push({ id: model, ...one });
  }
  return shown;
}

function parse(text: string): Chunk[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim())
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as Chunk);
}

describe("Copilot Chat's Ollama provider", () => {
  let stage: Stage;

  before(async () => {
    stage = await openStage();
  });

  after(() => stage.close());

  async function chat(
    body: object = {},
  ): Promise<{ status: number; chunks: Chunk[]; text: string }> {
    const response = await stage.post(
      `${BASE}/v1/chat/completions`,
      {
        model: `${MODEL}:latest`,
        messages: [{ role: "user", content: "Hi" }],
        temperature: 0.1,
        top_p: 1,
        n: 1,
        stream: true,
        stream_options: { include_usage: true },
        ...body,
      },
      { ...AGENT, authorization: "Bearer " },
    );
    const text = await response.text();
    return { status: response.status, text, chunks: response.ok ? parse(text) : [] };
  }

  it("walks from the version over the list to every model, and finds each usable", async () => {
    for (const { id, capabilities, model_info } of await walk(stage)) {
      assert.equal(typeof capabilities.includes, "function");
      const architecture = String(model_info["general.architecture"]);
      const context = model_info[`${architecture}.context_length`];
      assert.ok(context === undefined || Number(context) > 0, id);
    }
  });

  it("shows no two models under one name", async () => {
    const names = (await walk(stage)).map(({ model_info }) =>
      String(model_info["general.basename"]),
    );
    assert.equal(new Set(names).size, names.length);
  });

  it("offers a chat model to the agent, with its true context", async () => {
    const shown = (await walk(stage)).find(({ id }) => id === `${MODEL}:latest`);
    assert.ok(shown);
    assert.ok(shown.capabilities.includes("tools") && shown.capabilities.includes("vision"));
    assert.equal(shown.model_info["gpt.context_length"], 128_000);
  });

  it("chats with an empty key", async () => {
    stage.provider.answer = deltas([{ content: "Hello" }, { content: "." }]);
    const { chunks } = await chat();
    const texts = chunks
      .flatMap(({ choices }) => choices ?? [])
      .map(({ delta }) => delta.content ?? "");
    assert.equal(texts.join(""), "Hello.");
    assert.ok(chunks.some(({ usage }) => usage !== undefined));
    assert.equal(stage.sent()["n"], undefined);
  });

  it("reads thinking under one of the names that it knows", async () => {
    stage.provider.answer = THOUGHTFUL;
    const { chunks } = await chat();
    const thinking = chunks
      .flatMap(({ choices }) => choices ?? [])
      .map(({ delta }) => delta.cot_summary ?? delta.reasoning_text ?? delta.thinking ?? "");
    assert.equal(thinking.join(""), "Let me see.");
  });

  it("collects tool calls by index until the finish", async () => {
    stage.provider.answer = TWO_CALLS;
    const { chunks } = await chat({ tools: TOOLS, tool_choice: "auto" });
    const calls: { id: string; name: string; arguments: string }[] = [];
    let finish: string | null | undefined;
    for (const { delta, finish_reason } of chunks.flatMap(({ choices }) => choices ?? [])) {
      for (const { index, id, function: called } of delta.tool_calls ?? []) {
        const call = (calls[index] ??= { id: "", name: "", arguments: "" });
        call.id ||= id ?? "";
        call.name ||= called?.name ?? "";
        call.arguments += called?.arguments ?? "";
      }
      finish = finish_reason ?? finish;
    }
    assert.deepEqual(
      calls.map((call) => JSON.parse(call.arguments) as unknown),
      [{ city: "Paris" }, { city: "Rome" }],
    );
    assert.equal(new Set(calls.map(({ id }) => id)).size, 2);
    assert.equal(finish, "tool_calls");
  });

  it("shows a refusal's words, before and in the middle of an answer", async () => {
    stage.provider.answer = REFUSAL;
    const refused = await chat();
    assert.equal(refused.status, 429);
    assert.match((JSON.parse(refused.text) as Chunk).error?.message ?? "", /Rate limit/);
    stage.provider.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"Half"}}]}\n\n');
      response.end('data: {"error":{"message":"Out of memory"}}\n\n');
    };
    const { chunks, text } = await chat();
    assert.match(chunks.at(-1)?.error?.message ?? "", /Out of memory/);
    assert.doesNotMatch(text, /\[DONE\]/);
  });
});
