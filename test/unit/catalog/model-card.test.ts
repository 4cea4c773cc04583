import assert from "node:assert/strict";
import { toListedModel, toShownModel } from "../../../src/catalog/model-answers.ts";
import { toModelCard } from "../../../src/catalog/model-card.ts";

const FACTS = { provider: "p", startedAt: Date.UTC(2026, 0, 2) };

const FAMILIES: [string, string][] = [
  ["gpt-4o", "gpt"],
  ["openai/gpt-4o", "gpt"],
  ["Meta-Llama-3", "meta"],
  ["llama3:8b", "llama"],
  ["@cf/qwen/qwen2.5", "qwen"],
  ["4o", "unknown"],
  ["模型", "unknown"],
];

describe("toModelCard", () => {
  it("has a digest of 64 digits that changes with what is known, and only with that", () => {
    const card = toModelCard({ id: "a" }, FACTS);
    assert.match(card.digest, /^[0-9a-f]{64}$/);
    assert.equal(toModelCard({ id: "a" }, { ...FACTS, startedAt: 0 }).digest, card.digest);
    for (const other of [
      toModelCard({ id: "b" }, FACTS),
      toModelCard({ id: "a", contextLength: 1 }, FACTS),
      toModelCard({ id: "a" }, { ...FACTS, provider: "q" }),
    ]) {
      assert.notEqual(other.digest, card.digest);
    }
  });

  it("dates a model by the provider's date, or else by our start", () => {
    assert.equal(toModelCard({ id: "a", created: 1 }, FACTS).modifiedAt, 1000);
    assert.equal(toModelCard({ id: "a" }, FACTS).modifiedAt, FACTS.startedAt);
  });

  for (const created of [1_767_346_200_000, 1e15, 1e300, 1.5]) {
    it(`has a date that can be written when the provider says ${created}`, () => {
      const { modified_at } = toListedModel(toModelCard({ id: "a", created }, FACTS));
      assert.match(modified_at, /^\d{4}-\d\d-\d\dT/);
    });
  }
});

describe("toShownModel", () => {
  for (const [id, family] of FAMILIES) {
    it(`calls the family of ${id} "${family}" wherever it is written`, () => {
      const shown = toShownModel(toModelCard({ id, contextLength: 8192 }, FACTS));
      assert.equal(shown.details.family, family);
      assert.deepEqual(shown.details.families, [family]);
      assert.equal(shown.model_info["general.architecture"], family);
      assert.equal(shown.model_info[`${family}.context_length`], 8192);
    });
  }

  it("says nothing of a context length that is not known", () => {
    const shown = toShownModel(toModelCard({ id: "gpt" }, FACTS));
    assert.equal(JSON.stringify(shown).includes("context_length"), false);
    assert.equal(shown.parameters, undefined);
  });
});
