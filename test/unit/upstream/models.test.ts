import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RECORDINGS } from "../../transcripts/recordings.ts";
import { parseModels } from "../../../src/upstream/models.ts";

const parse = (body: unknown) => parseModels(JSON.stringify(body), "p");

const WINDOWS: [string, object][] = [
  ["vLLM", { max_model_len: 4096 }],
  ["OpenRouter", { context_length: 4096 }],
  ["Groq", { context_window: 4096 }],
  ["Mistral", { max_context_length: 4096 }],
  ["llama.cpp", { meta: { n_ctx: 4096, n_ctx_train: 131072 } }],
  ["LM Studio, what is loaded", { loaded_context_length: 4096, max_context_length: 131072 }],
  ["LiteLLM", { max_input_tokens: 4096 }],
  ["Gemini", { inputTokenLimit: 4096 }],
  [
    "OpenRouter, what it routes to",
    { context_length: 8192, top_provider: { context_length: 4096 } },
  ],
  ["Hugging Face", { providers: [{ context_length: 2048 }, { context_length: 4096 }, {}] }],
];

type Ability = "tools" | "vision" | "thinking" | "fim" | "embedding";

const ABILITIES: [who: string, fields: object, told: Partial<Record<Ability, boolean>>][] = [
  ["nobody", {}, {}],
  [
    "OpenRouter",
    {
      architecture: { input_modalities: ["text", "image"], output_modalities: ["text"] },
      supported_parameters: ["tools", "tool_choice", "reasoning", "seed"],
    },
    { tools: true, vision: true, thinking: true },
  ],
  [
    "OpenRouter of a plain model",
    { architecture: { input_modalities: ["text"] }, supported_parameters: ["seed"] },
    { tools: false, vision: false, thinking: false },
  ],
  [
    "Mistral",
    {
      capabilities: {
        completion_chat: true,
        completion_fim: true,
        function_calling: false,
        vision: false,
        reasoning: true,
      },
    },
    { tools: false, vision: false, thinking: true, fim: true },
  ],
  [
    "LM Studio",
    { type: "vlm", capabilities: { trained_for_tool_use: true } },
    { tools: true, vision: true },
  ],
  ["LM Studio of embeddings", { type: "embeddings" }, { embedding: true }],
  [
    "Fireworks",
    { supports_chat: true, supports_tools: true, supports_image_input: false },
    { tools: true, vision: false },
  ],
  [
    "Moonshot",
    { supports_image_in: true, supports_reasoning: true },
    { vision: true, thinking: true },
  ],
  [
    "GPUStack",
    { meta: { support_tool_calls: true, support_vision: false }, categories: ["llm"] },
    { tools: true, vision: false },
  ],
  ["Chutes", { supported_features: ["tools"] }, { tools: true, thinking: false }],
  [
    "Hugging Face",
    { providers: [{ supports_tools: false }, { supports_tools: true }] },
    { tools: true },
  ],
  ["Together of embeddings", { type: "embedding" }, { embedding: true }],
];

const NO_LISTS = [
  "",
  "x",
  "null",
  "7",
  '"x"',
  "{}",
  '{"data":null}',
  '{"data":{}}',
  '{"models":{}}',
  "<html>",
];

describe("parseModels", () => {
  it("reads a list in an envelope, and a bare one as Together sends it", () => {
    const entry = { id: "gpt", object: "model", created: 1767346200, owned_by: "x" };
    for (const list of [{ object: "list", data: [entry] }, [entry], { models: [entry] }]) {
      const [model, ...more] = parse(list);
      assert.deepEqual([model?.id, model?.created, model?.owned_by], ["gpt", 1767346200, "x"]);
      assert.deepEqual(more, []);
    }
    assert.deepEqual(parse({ data: [] }), []);
  });

  for (const [who, fields] of WINDOWS) {
    it(`finds the context window where ${who} writes it`, () => {
      assert.equal(parse([{ id: "m", ...fields }])[0]?.contextLength, 4096);
    });
  }

  for (const [who, fields, told] of ABILITIES) {
    it(`finds what a model can do where ${who} writes it`, () => {
      const [model] = parse([{ id: "m", ...fields }]);
      const { tools, vision, thinking, fim, embedding } = model ?? {};
      assert.deepEqual(
        { tools, vision, thinking, fim, embedding },
        {
          tools: undefined,
          vision: undefined,
          thinking: undefined,
          fim: undefined,
          embedding: false,
          ...told,
        },
      );
    });
  }

  it("knows embedding models by their names where nothing else tells", () => {
    const ids = ["text-embedding-3-small", "nomic-embed-text", "gpt-4o"];
    assert.deepEqual(
      parse(ids.map((id) => ({ id }))).map(({ embedding }) => embedding),
      [true, true, false],
    );
  });

  it("lists a model once, though Mistral repeats it", () => {
    assert.deepEqual(
      parse([{ id: "a" }, { id: "b" }, { id: "a" }]).map(({ id }) => id),
      ["a", "b"],
    );
  });

  for (const file of [
    "openrouter/models-list.json",
    "cerebras/models-list.json",
    "perplexity/models-list.json",
    "bedrock-mantle/models-list.json",
  ]) {
    const path = join(RECORDINGS, file);
    if (!existsSync(path)) {
      it(`is not tried on a recording: ${path} is not here`);
      continue;
    }
    it(`reads every entry of a recorded list: ${file}`, () => {
      const text = readFileSync(path, "utf8");
      const { data } = JSON.parse(text) as { data: { id: string; context_length?: number }[] };
      const models = parseModels(text, "p");
      assert.equal(models.length, new Set(data.map(({ id }) => id)).size);
      for (const { id, context_length } of data) {
        const model = models.find((one) => one.id === id);
        if (context_length) assert.ok((model?.contextLength ?? 0) <= context_length);
        else assert.equal(model?.contextLength, undefined);
      }
    });
  }

  for (const value of [0, -1, null, "4096", {}]) {
    it(`takes ${JSON.stringify(value)} for no window and no date`, () => {
      const [model] = parse([{ id: "m", context_length: value, created: value }]);
      assert.equal(model?.contextLength, undefined);
      assert.equal(model?.created, undefined);
    });
  }

  it("leaves out entries without an id and keeps the rest", () => {
    const entries = [
      { id: "a" },
      {},
      null,
      "b",
      7,
      [],
      { id: "" },
      { id: 7 },
      { id: null },
      { id: "c", owned_by: 7, meta: "x" },
    ];
    assert.deepEqual(
      parse({ data: entries }).map(({ id }) => id),
      ["a", "c"],
    );
  });

  for (const text of NO_LISTS) {
    it(`refuses ${JSON.stringify(text)} and says what to check`, () => {
      assert.throws(() => parseModels(text, "p"), {
        code: "upstream_failed",
        message: /^p: .*not a model list\. Check the base URL\.$/,
      });
    });
  }
});
