import assert from "node:assert/strict";
import { toListedModel, toRunningModel, toShownModel } from "../../../src/catalog/model-answers.ts";
import { toModelCard } from "../../../src/catalog/model-card.ts";
import type * as openai from "../../../src/protocol/openai.ts";

const FACTS = { provider: "p", startedAt: Date.UTC(2026, 0, 2) };
const card = (model: openai.Model) => toModelCard(model, FACTS);

describe("what a model can do", () => {
  const CASES: [string, openai.Model, string[], string[]][] = [
    ["an unknown one", { id: "nobody-knows" }, ["completion", "tools", "insert"], []],
    [
      "one whose provider says it",
      { id: "nobody-knows", tools: true, vision: true, thinking: true },
      ["completion", "tools", "insert", "vision", "thinking"],
      [],
    ],
    [
      "one whose provider denies it",
      { id: "nobody-knows", tools: false, vision: false, thinking: false },
      ["completion", "insert"],
      ["tools", "vision", "thinking"],
    ],
    [
      "one of the table",
      { id: "gpt-4o" },
      ["completion", "tools", "insert", "vision"],
      ["thinking"],
    ],
    [
      "one of the table by its dated name",
      { id: "openai/gpt-4o-2024-08-06" },
      ["completion", "tools", "insert", "vision"],
      ["thinking"],
    ],
    [
      "one of the table whose provider knows better",
      { id: "gpt-4o", vision: false },
      ["completion", "tools", "insert"],
      ["vision", "thinking"],
    ],
    ["one for embeddings", { id: "text-embedding-3-small", embedding: true }, ["embedding"], []],
  ];

  for (const [name, model, capabilities, lacks] of CASES) {
    it(`is told truthfully of ${name}`, () => {
      assert.deepEqual(card(model).capabilities, capabilities);
      assert.deepEqual(card(model).lacks, lacks);
    });
  }

  it("takes the context from the provider, then from the table, and never invents it", () => {
    assert.equal(card({ id: "gpt-4o", contextLength: 8000 }).contextLength, 8000);
    assert.equal(card({ id: "gpt-4o" }).contextLength, 128_000);
    assert.equal(card({ id: "nobody-knows" }).contextLength, undefined);
  });
});

describe("the answers about a model", () => {
  it("have what the strictest clients want of a list", () => {
    const listed = toListedModel(
      card({ id: "meta/llama-3.3-70b-instruct", contextLength: 131_072 }),
    );
    assert.deepEqual(listed.details, {
      parent_model: "",
      format: "gguf",
      family: "llama",
      families: ["llama"],
      parameter_size: "70B",
      quantization_level: "",
      context_length: 131_072,
    });
    assert.ok(Number.isInteger(listed.size) && listed.size >= 0);
    assert.equal(new Date(listed.modified_at).toISOString(), listed.modified_at);
    assert.match(listed.digest, /^[0-9a-f]{64}$/);
  });

  it("show the context where each client looks for it", () => {
    const shown = toShownModel(card({ id: "openai/gpt-x", contextLength: 4096 }));
    assert.equal(shown.model_info["general.architecture"], "gpt");
    assert.equal(shown.model_info["gpt.context_length"], 4096);
    assert.match(shown.parameters ?? "", /^num_ctx +4096$/m);
  });

  it("leave an unknown context out, and never write 0", () => {
    const unknown = card({ id: "nobody-knows" });
    const shown = toShownModel(unknown);
    assert.deepEqual(Object.keys(shown.model_info), ["general.architecture", "general.basename"]);
    assert.equal(shown.parameters, undefined);
    assert.equal("context_length" in toListedModel(unknown).details, false);
    assert.equal("context_length" in toRunningModel(unknown, 0), false);
  });

  it("name the variables of a template only for what works", () => {
    const template = (model: openai.Model) => toShownModel(card(model)).template;
    assert.match(template({ id: "x" }), /\.Suffix.*\.Tools/s);
    assert.doesNotMatch(template({ id: "x", tools: false }), /\.Tools/);
    assert.doesNotMatch(template({ id: "x", embedding: true }), /\.Suffix|\.Tools/);
  });

  it("write parameters as Continue parses them", () => {
    const preset = { parameters: { stop: ["a\n", "b"], temperature: 0.5, num_ctx: 2048 } };
    const { parameters = "" } = toShownModel(card({ id: "x", contextLength: 4096 }), { preset });
    assert.deepEqual(
      parameters.split("\n").map((line) => line.split(/\s+/, 2)),
      [
        ["num_ctx", "2048"],
        ["stop", '"a\\n"'],
        ["stop", '"b"'],
        ["temperature", "0.5"],
      ],
    );
  });
});
