import assert from "node:assert/strict";
import { parseModels } from "../../../src/upstream/models.ts";

const parse = (body: unknown) => parseModels(JSON.stringify(body), "p");

const WINDOWS: [string, object][] = [
  ["vLLM", { max_model_len: 4096 }],
  ["OpenRouter", { context_length: 4096 }],
  ["Groq", { context_window: 4096 }],
  ["Mistral", { max_context_length: 4096 }],
  ["llama.cpp", { meta: { n_ctx: 4096 } }],
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
  '{"models":[]}',
  "<html>",
];

describe("parseModels", () => {
  it("reads a list in an envelope, and a bare one as Together sends it", () => {
    const entry = { id: "gpt", object: "model", created: 1767346200, owned_by: "x" };
    const expected = [{ id: "gpt", created: 1767346200, owned_by: "x", contextLength: undefined }];
    assert.deepEqual(parse({ object: "list", data: [entry] }), expected);
    assert.deepEqual(parse([entry]), expected);
    assert.deepEqual(parse({ data: [] }), []);
  });

  for (const [who, fields] of WINDOWS) {
    it(`finds the context window where ${who} writes it`, () => {
      assert.equal(parse([{ id: "m", ...fields }])[0]?.contextLength, 4096);
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
