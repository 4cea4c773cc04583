import assert from "node:assert/strict";
import { connect } from "node:net";
import { json } from "../support/fake-provider.ts";
import { within } from "../support/deadline.ts";
import {
  deltas,
  EMBEDDER,
  jsonOf,
  MODEL,
  openStage,
  TOOLS,
  TWO_CALLS,
  VECTOR,
  type Stage,
} from "./stage.ts";

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});

afterEach(() => stage.close());

interface Listed {
  name: string;
  model: string;
  modified_at: string;
  size: number;
  digest: string;
  details: Record<string, unknown>;
}

const list = async () => (await jsonOf<{ models: Listed[] }>(stage.get("/api/tags"))).models;

async function linesOf(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("opencode", () => {
  it("asks for the list and four models at a time within a second each: one call to the provider serves all", async () => {
    const models = await list();
    for (const { size, digest, details } of models) {
      assert.ok(Number.isInteger(size));
      assert.match(digest, /^[0-9a-f]{64}$/);
      assert.ok(Array.isArray(details["families"]), "null fails there");
    }
    await Promise.all(models.map(({ model }) => jsonOf(stage.post("/api/show", { model }))));
    const lists = stage.provider.requests.filter(({ path }) => path.endsWith("/models"));
    assert.equal(lists.length, 1);
  });

  it("wants the capability completion, and keeps what it read by the digest", async () => {
    const shown = await jsonOf<{ capabilities: string[] }>(
      stage.post("/api/show", { model: MODEL }),
    );
    assert.ok(shown.capabilities.includes("completion"));
    const digests = (await list()).map(({ digest }) => digest);
    assert.equal(new Set(digests).size, digests.length);
    assert.deepEqual(
      (await list()).map(({ digest }) => digest),
      digests,
    );
  });
});

describe("Home Assistant and ollama-python", () => {
  it("read every line by json.loads: none is empty, each has a role, arguments are a mapping", async () => {
    stage.provider.answer = TWO_CALLS;
    const response = await stage.post("/api/chat", {
      model: MODEL,
      messages: [{ role: "user", content: "Weather?" }],
      tools: TOOLS,
      stream: true,
      keep_alive: "300s",
      options: { num_ctx: 8192 },
      think: false,
    });
    for (const { message, total_duration } of await linesOf(response)) {
      const { role, tool_calls = [] } = message as {
        role: string;
        tool_calls?: { function: { arguments: unknown } }[];
      };
      assert.equal(role, "assistant");
      for (const call of tool_calls) assert.equal(typeof call.function.arguments, "object");
      if (total_duration !== undefined) assert.ok(Number.isInteger(total_duration));
    }
  });

  it("send results without id or name, in order", async () => {
    const call = (city: string) => ({ function: { name: "get_weather", arguments: { city } } });
    stage.provider.answer = deltas([{ content: "Warm." }]);
    await stage.post("/api/chat", {
      model: MODEL,
      messages: [
        { role: "user", content: "Weather?" },
        { role: "assistant", content: "", tool_calls: [call("Paris"), call("Rome")] },
        { role: "tool", content: "18 C" },
        { role: "tool", content: "22 C" },
      ],
    });
    const messages = stage.sent()["messages"] as {
      content: string;
      tool_calls?: { id: string }[];
      tool_call_id?: string;
    }[];
    const ids = messages[1]?.tool_calls?.map(({ id }) => id);
    assert.deepEqual(
      messages.slice(2).map(({ tool_call_id, content }) => [tool_call_id, content]),
      [
        [ids?.[0], "18 C"],
        [ids?.[1], "22 C"],
      ],
    );
  });

  it("need model_info, and dates that Python can read", async () => {
    const shown = await jsonOf<Record<string, unknown>>(stage.post("/api/show", { model: MODEL }));
    assert.equal(typeof shown["model_info"], "object");
    for (const { modified_at } of await list()) assert.ok(!Number.isNaN(Date.parse(modified_at)));
  });
});

describe("Open WebUI", () => {
  it("reads each part of the version as a number", async () => {
    const { version } = await jsonOf<{ version: string }>(stage.get("/api/version"));
    for (const part of version.split(".")) assert.match(part, /^\d+$/);
  });

  it("puts :latest behind a name without a tag, and chats only with what is listed", async () => {
    const names = (await list()).map(({ model }) => model);
    for (const name of names) assert.match(name, /:/);
    const wanted = `${MODEL}:latest`;
    assert.ok(names.includes(wanted));
    const response = await stage.post("//api/chat", {
      model: wanted,
      messages: [{ role: "user", content: "Hi" }],
    });
    assert.equal((await linesOf(response)).at(-1)?.["done"], true);
    const { models } = await jsonOf<{ models: { expires_at: string; name: string }[] }>(
      stage.get("/api/ps"),
    );
    assert.equal(models[0]?.name, wanted);
    assert.ok(Date.parse(models[0].expires_at) > Date.now());
  });

  it("embeds over both routes", async () => {
    stage.provider.answer = VECTOR;
    const embed = await jsonOf<{ embeddings: number[][] }>(
      stage.post("/api/embed", { model: EMBEDDER, input: ["a"], truncate: true }),
    );
    assert.deepEqual(embed.embeddings, [[0.6, 0.8]]);
    const legacy = await jsonOf<{ embedding: number[] }>(
      stage.post("/api/embeddings", { model: EMBEDDER, prompt: "a" }),
    );
    assert.deepEqual(legacy.embedding, [3, 4]);
  });
});

const HOLE = "<PRE> function add(a, b) {\n  return  <SUF> ;\n} <MID>";

describe("twinny", () => {
  it("asks for 0.0.0.0, and fills holes without `raw`, with whatever key", async () => {
    for (const authorization of ["", "Bearer undefined", "Bearer x"]) {
      const host = `0.0.0.0:${new URL(stage.url).port}`;
      const tags = await rawGet(stage.url, { path: "/api/tags", host, authorization });
      assert.match(tags, /^HTTP\/1\.1 200 /);
    }
    stage.provider.answer = completion("a + b");
    const response = await stage.post(
      "/api/generate",
      {
        model: MODEL,
        prompt: HOLE,
        stream: true,
        keep_alive: "5m",
        options: { temperature: 0.2, num_predict: 512 },
      },
      { authorization: "Bearer undefined" },
    );
    const lines = await linesOf(response);
    assert.equal(lines.map((line) => line["response"]).join(""), "a + b");
    assert.equal(stage.sent()["prompt"], "function add(a, b) {\n  return ");
    assert.equal(stage.sent()["max_tokens"], 512);
  });

  it("embeds one text and takes the first vector", async () => {
    stage.provider.answer = VECTOR;
    const body = { model: EMBEDDER, input: "a", stream: false, options: {} };
    const { embeddings } = await jsonOf<{ embeddings: number[][] }>(stage.post("/api/embed", body));
    assert.equal(embeddings[0]?.length, 2);
  });
});

describe("llama-coder", () => {
  it("finds its model by the exact name before each completion", async () => {
    assert.ok((await list()).some(({ name }) => name === `${MODEL}:latest`));
  });

  it("reads the characters of `response` in every line, one line in each read", async () => {
    stage.provider.answer = completion("a", " + ", "b");
    const response = await stage.post("/api/generate", {
      model: MODEL,
      prompt: HOLE,
      raw: true,
      options: { stop: ["<END>", "<EOD>", "<EOT>"], num_predict: 256, temperature: 0.2 },
    });
    let text = "";
    const body: AsyncIterable<Uint8Array> | null = response.body;
    for await (const bytes of body ?? []) {
      const lines = new TextDecoder().decode(bytes).split("\n").filter(Boolean);
      assert.equal(lines.length, 1);
      const { response: piece } = JSON.parse(lines[0] ?? "") as { response: string };
      for (const character of piece) text += character;
    }
    assert.equal(text, "a + b");
    assert.equal(stage.sent()["stop"], undefined, "sentinels are not sent");
  });
});

describe("minuet", () => {
  for (const [name, body] of [
    ["a suffix", { prompt: "return ", suffix: ";\n" }],
    ["tokens in the prompt", { prompt: "<|fim_prefix|>return <|fim_suffix|>;\n<|fim_middle|>" }],
  ] as [string, object][]) {
    it(`completes on /v1/completions with ${name}`, async () => {
      stage.provider.answer = completion("a", " + b");
      const response = await stage.post("/v1/completions", {
        model: MODEL,
        max_tokens: 56,
        stream: true,
        ...body,
      });
      const texts = (await response.text())
        .split("\n")
        .filter((line) => line.startsWith("data: {"))
        .map((line) => JSON.parse(line.slice("data: ".length)) as { choices: { text?: string }[] })
        .map(({ choices }) => choices[0]?.text ?? "");
      assert.equal(texts.join(""), "a + b");
      assert.deepEqual([stage.sent()["prompt"], stage.sent()["suffix"]], ["return ", ";\n"]);
    });
  }
});

describe("Obsidian Copilot", () => {
  it("asks from app://obsidian.md with a key of its own, and may read the answer", async () => {
    const headers = {
      origin: "app://obsidian.md",
      authorization: "Bearer default-key",
      "content-type": "application/json",
    };
    const response = await stage.post(
      "/api/chat",
      {
        model: MODEL,
        messages: [{ role: "user", content: "Hi" }],
        think: false,
        options: { num_ctx: 131_072 },
      },
      headers,
    );
    assert.equal(response.headers.get("access-control-allow-origin"), "app://obsidian.md");
    assert.equal((await linesOf(response)).at(-1)?.["done"], true);
    assert.equal(stage.sent()["num_ctx"], undefined);
  });
});

/** A completion in these pieces. */
function completion(...texts: string[]) {
  return ((response, request) => {
    const { stream } = request.body as { stream?: boolean };
    if (!stream) {
      const choices = [{ index: 0, text: texts.join(""), finish_reason: "stop" }];
      return json({ choices })(response, request);
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const events = texts.map((text) => ({ choices: [{ index: 0, text, finish_reason: null }] }));
    const last = { choices: [{ index: 0, text: "", finish_reason: "stop" }] };
    for (const event of [...events, last]) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end("data: [DONE]\n\n");
  }) satisfies Parameters<typeof openStage>[0];
}

/** A GET whose Host header is somebody's own; `fetch` writes that itself. */
async function rawGet(
  url: string,
  { path, host, authorization }: { path: string; host: string; authorization: string },
): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
  );
  let text = "";
  const reading = (async () => {
    for await (const bytes of socket) text += String(bytes);
  })();
  await within("the answer ends", reading, 5000);
  return text;
}
