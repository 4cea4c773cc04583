import assert from "node:assert/strict";
import { startTalk, streamOf, type Talk } from "../support/conversation.ts";

const OPTIONS = {
  baseUrl: "https://provider.test/v1",
  models: ["gpt-test", "openai/gpt-4o", "deepseek/deepseek-r1:free", "@cf/meta/llama-3.1-8b"],
};

async function names(talk: Talk): Promise<string[]> {
  const { text } = await talk.fetch("/api/tags");
  const { models } = JSON.parse(text) as { models: { name: string; model: string }[] };
  return models.map(({ name }) => name).sort();
}

const post = (body: object, method = "POST") => ({ method, body: JSON.stringify(body) });

describe("model names", () => {
  for (const name of [
    "gpt-test",
    "GPT-Test:Latest",
    "openai/gpt-4o",
    "OPENAI/gpt-4o:latest",
    "deepseek/deepseek-r1:free",
    "@cf/meta/llama-3.1-8b",
    "@cf/meta/llama-3.1-8b:latest",
    "gpt-test:local",
  ]) {
    it(`survive both ways: ${name}`, async () => {
      const talk = startTalk([streamOf({ content: "Hi" })], OPTIONS);
      const [line] = await talk.send("/api/chat", {
        model: name,
        messages: [{ role: "user", content: "Hi" }],
      });
      assert.equal(line?.["model"], name);
      const id = OPTIONS.models.find(
        (model) => model.toLowerCase() === name.toLowerCase().replace(/:(latest|local)$/, ""),
      );
      assert.equal(talk.sent[0]?.["model"], id);
      for (const key of ["model", "name"]) {
        const { status } = await talk.fetch("/api/show", post({ [key]: name }));
        assert.equal(status, 200);
      }
      const { status, text } = await talk.fetch(`/v1/models/${name}`);
      assert.equal(status, 200);
      assert.equal((JSON.parse(text) as { id: string }).id, name);
    });
  }

  it("all have a tag in the list", async () => {
    for (const name of await names(startTalk([], OPTIONS))) assert.match(name, /:[^/]+$/);
  });

  it("are shown by the hundred for one call to the provider", async () => {
    const models = Array.from({ length: 400 }, (_, index) => `vendor/model-${index}`);
    let lists = 0;
    const talk = startTalk([], { ...OPTIONS, models, onList: () => lists++ });
    const shown = await Promise.all(
      models.map((model) => talk.fetch("/api/show", post({ model }))),
    );
    assert.ok(shown.every(({ status }) => status === 200));
    assert.equal(lists, 1);
  });

  it("give Copilot the name that it asked for", async () => {
    const talk = startTalk([], OPTIONS);
    const basename = async (agent: string) => {
      const init = { ...post({ model: "GPT-test" }), headers: { "user-agent": agent } };
      const { text } = await talk.fetch("/api/show", init);
      const shown = JSON.parse(text) as { model_info: Record<string, unknown> };
      return shown.model_info["general.basename"];
    };
    assert.equal(await basename("GitHubCopilotChat/0.42"), "GPT-test");
    assert.equal(await basename("other"), "gpt-test");
  });
});

describe("/api/pull", () => {
  it("ends in success for a model that is served", async () => {
    const lines = await startTalk([], OPTIONS).send("/api/pull", { model: "openai/gpt-4o" });
    assert.deepEqual(
      lines.map(({ status }) => String(status).replace(/[0-9a-f]{12}$/, "…")),
      [
        "pulling manifest",
        "pulling …",
        "pulling …",
        "verifying sha256 digest",
        "writing manifest",
        "success",
      ],
    );
    assert.match(String(lines[1]?.["digest"]), /^sha256:[0-9a-f]{64}$/);
    assert.equal(lines[2]?.["completed"], lines[2]?.["total"]);
  });

  it("is one object where no stream is wanted", async () => {
    const body = { name: "gpt-test", stream: false };
    const { status, text } = await startTalk([], OPTIONS).fetch("/api/pull", post(body));
    assert.deepEqual([status, JSON.parse(text)], [200, { status: "success" }]);
  });

  it("ends in an error line for another model, or in status 500", async () => {
    const talk = startTalk([], OPTIONS);
    const error = "pull model manifest: file does not exist";
    assert.deepEqual(await talk.send("/api/pull", { model: "nope" }), [
      { status: "pulling manifest" },
      { error },
    ]);
    const { status, text } = await talk.fetch("/api/pull", post({ model: "nope", stream: false }));
    assert.deepEqual([status, JSON.parse(text)], [500, { error }]);
  });
});

describe("stored models", () => {
  it("are made from a model that is served, with a preset that each request gets", async () => {
    const talk = startTalk([streamOf({ content: "Hi" }), streamOf({ content: "Hi" })], OPTIONS);
    const made = await talk.send("/api/create", {
      model: "Helper",
      from: "openai/gpt-4o",
      system: "Be brief.",
      parameters: { temperature: 0.1, num_ctx: 2048, stop: "END" },
    });
    assert.equal(made.at(-1)?.["status"], "success");
    assert.ok((await names(talk)).includes("Helper:latest"));
    const [line] = await talk.send("/api/chat", {
      model: "helper",
      messages: [{ role: "user", content: "Hello" }],
      options: { temperature: 0.9 },
    });
    assert.equal(line?.["model"], "helper");
    assert.deepEqual(talk.sent[0], {
      model: "openai/gpt-4o",
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.9,
      stop: ["END"],
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello" },
      ],
    });
    const { text } = await talk.fetch("/api/show", post({ model: "Helper" }));
    const shown = JSON.parse(text) as { parameters: string; system: string; modelfile: string };
    assert.match(shown.parameters, /^num_ctx +2048$/m);
    assert.equal(shown.system, "Be brief.");
    assert.match(shown.modelfile, /^FROM openai\/gpt-4o$/m);
    await talk.send("/api/generate", { model: "helper", prompt: "Hello", system: "Be long." });
    assert.deepEqual((talk.sent[1]?.["messages"] as object[])[0], {
      role: "system",
      content: "Be long.",
    });
  });

  it("can be made from one another", async () => {
    const talk = startTalk([streamOf({ content: "Hi" })], OPTIONS);
    await talk.send("/api/create", { model: "a", from: "gpt-test", system: "Be brief." });
    await talk.send("/api/create", { model: "b", from: "a", parameters: { seed: 7 } });
    await talk.send("/api/generate", { model: "b", prompt: "Hello" });
    assert.equal(talk.sent[0]?.["model"], "gpt-test");
    assert.equal(talk.sent[0]["seed"], 7);
    assert.deepEqual((talk.sent[0]["messages"] as object[])[0], {
      role: "system",
      content: "Be brief.",
    });
  });

  it("are copied, and deleted", async () => {
    const talk = startTalk([], OPTIONS);
    const copied = await talk.fetch(
      "/api/copy",
      post({ source: "gpt-test", destination: "mine:v1" }),
    );
    assert.deepEqual([copied.status, copied.text], [200, ""]);
    assert.ok((await names(talk)).includes("mine:v1"));
    const gone = await talk.fetch("/api/delete", post({ model: "MINE:v1" }, "DELETE"));
    assert.deepEqual([gone.status, gone.text], [200, ""]);
    assert.equal((await names(talk)).includes("mine:v1"), false);
    const again = await talk.fetch("/api/delete", post({ name: "mine:v1" }, "DELETE"));
    assert.deepEqual(
      [again.status, again.text],
      [404, JSON.stringify({ error: "model 'mine:v1' not found" })],
    );
  });

  it("hide a provider's model when that is deleted, until it is pulled", async () => {
    const talk = startTalk([], OPTIONS);
    await talk.fetch("/api/delete", post({ model: "gpt-test" }, "DELETE"));
    assert.equal((await names(talk)).includes("gpt-test:latest"), false);
    assert.equal((await talk.fetch("/api/show", post({ model: "gpt-test" }))).status, 404);
    await talk.send("/api/pull", { model: "gpt-test" });
    assert.ok((await names(talk)).includes("gpt-test:latest"));
    assert.equal((await talk.fetch("/api/show", post({ model: "gpt-test" }))).status, 200);
  });

  for (const [name, body, status, error] of [
    ["without a name", { model: "", from: "gpt-test" }, 400, "invalid model name"],
    ["from nothing", { model: "a" }, 400, "neither 'from' or 'files' was specified"],
    [
      "from files",
      { model: "a", files: { "a.gguf": "sha256:1" } },
      400,
      /^'files' is not supported: /,
    ],
    ["from an unknown model", { model: "a", from: "nope" }, 404, "model 'nope' not found"],
  ] as [string, object, number, string | RegExp][]) {
    it(`are not made ${name}`, async () => {
      const answer = await startTalk([], OPTIONS).fetch("/api/create", post(body));
      assert.equal(answer.status, status);
      const told = (JSON.parse(answer.text) as { error: string }).error;
      if (typeof error === "string") assert.equal(told, error);
      else assert.match(told, error);
    });
  }
});

describe("what Ollama keeps elsewhere", () => {
  for (const [method, path, status, answer] of [
    ["POST", "/api/push", 400, /push is not supported/],
    ["POST", "/api/blobs/sha256:00", 404, /blobs are not supported/],
    ["HEAD", "/api/blobs/sha256:00", 404, /.*/],
    ["POST", "/api/me", 401, /^\{"error":"unauthorized"\}$/],
    ["POST", "/api/signout", 401, /you are not currently signed in/],
    ["DELETE", "/api/user/keys/abc", 401, /you are not currently signed in/],
    ["GET", "/api/status", 200, /^\{"cloud":\{"disabled":true,"source":"config"\}\}$/],
    ["POST", "/api/experimental/web_search", 403, /cloud is disabled: web search is unavailable/],
    ["POST", "/api/experimental/web_fetch", 403, /cloud is disabled: web fetch is unavailable/],
    ["GET", "/api/experimental/model-recommendations", 200, /^\{"recommendations":\[\]\}$/],
    ["GET", "/api/delete", 405, /405 method not allowed/],
  ] as [string, string, number, RegExp][]) {
    it(`is answered honestly: ${method} ${path}`, async () => {
      const got = await startTalk([], OPTIONS).fetch(path, { method });
      assert.equal(got.status, status);
      assert.match(got.text, answer);
    });
  }

  for (const [path, body, status, error] of [
    ["/api/copy", { source: "", destination: "a" }, 400, 'source "" is invalid'],
    ["/api/copy", { source: "gpt-test", destination: ":x" }, 400, 'destination ":x" is invalid'],
    ["/api/copy", { source: "nope", destination: "a" }, 404, 'model "nope" not found'],
    ["/api/delete", {}, 400, "model is required"],
    ["/api/delete", { model: "a//b" }, 400, 'name "a//b" is invalid'],
    ["/api/pull", {}, 400, "invalid model name"],
  ] as [string, object, number, string][]) {
    it(`has Ollama's words for a wrong request: ${path} ${JSON.stringify(body)}`, async () => {
      const method = path === "/api/delete" ? "DELETE" : "POST";
      const got = await startTalk([], OPTIONS).fetch(path, post(body, method));
      assert.deepEqual([got.status, JSON.parse(got.text)], [status, { error }]);
    });
  }
});

describe("a model for embeddings", () => {
  const models = ["text-embedding-3-small"];
  const [model] = models;

  for (const [path, body, error] of [
    ["/api/chat", { messages: [{ role: "user", content: "Hi" }] }, "chat"],
    ["/api/generate", { prompt: "Hi" }, "generate"],
  ] as [string, object, string][]) {
    it(`is no model for ${path}`, async () => {
      const talk = startTalk([], { ...OPTIONS, models });
      const answer = await talk.send(path, { model, ...body });
      assert.deepEqual(answer, [{ error: `"${model}" does not support ${error}` }]);
    });
  }
});

describe("abilities that a model is known to lack", () => {
  const models = [
    { id: "plain", architecture: { input_modalities: ["text"] }, supported_parameters: ["seed"] },
  ];

  for (const [name, body, error] of [
    ["thinking", { think: true }, '"plain" does not support thinking'],
    [
      "tools",
      { tools: [{ type: "function", function: { name: "f" } }] },
      '"plain" does not support tools',
    ],
    [
      "images",
      { messages: [{ role: "user", content: "?", images: ["iVBORw0KGgo="] }] },
      '"plain" does not support images. Choose a model with the capability vision',
    ],
  ] as [string, object, string][]) {
    it(`are refused before anything is sent: ${name}`, async () => {
      const talk = startTalk([], { ...OPTIONS, models });
      const messages = [{ role: "user", content: "Hi" }];
      const answer = await talk.send("/api/chat", { model: "plain", messages, ...body });
      assert.deepEqual(answer, [{ error }]);
      assert.equal(talk.sent.length, 0);
    });
  }
});
