import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isLegalName,
  keyOf,
  otherSpellings,
  toListedName,
  toPlainName,
} from "../../../src/catalog/names.ts";

const LISTED: [string, string][] = [
  ["gpt-4o", "gpt-4o:latest"],
  ["llama3:8b", "llama3:8b"],
  ["openai/gpt-4o", "openai/gpt-4o:latest"],
  ["deepseek/deepseek-r1:free", "deepseek/deepseek-r1:free"],
  ["accounts/fireworks/models/x", "accounts/fireworks/models/x:latest"],
  ["@cf/meta/llama-3.1-8b", "@cf/meta/llama-3.1-8b:latest"],
  ["host:8080/model", "host:8080/model:latest"],
  ["gpt-4o:latest", "gpt-4o:latest"],
];

const NAMES: [string, string, boolean][] = [
  ["gpt-4o", "gpt-4o", true],
  ["gpt-4o", "gpt-4o:latest", true],
  ["gpt-4o", "GPT-4o", true],
  ["gpt-4o", "GPT-4O:LATEST", true],
  ["GPT-4o", "gpt-4o", true],
  ["llama3:8b", "llama3:8B", true],
  ["llama3:8b", "llama3", false],
  ["llama3:8b", "llama3:latest", false],
  ["gpt-4o", "gpt-4o:8b", false],
  ["gpt-4o", "gpt-4", false],
  ["gpt-4", "gpt-4o", false],
  ["openai/gpt-4o", "gpt-4o", false],
  ["a.b", "axb", false],
];

const ILLEGAL = ["", "/", "/x", "x/", "a//b", ":", ":latest", "x:", "a/:b", "a/b:", ":x/y"];

describe("toListedName", () => {
  for (const [id, name] of LISTED) {
    it(`lists ${id} as ${name}`, () => {
      assert.equal(toListedName(id), name);
    });
  }
});

describe("keyOf", () => {
  for (const [id, name, answer] of NAMES) {
    it(`${answer ? "finds" : "does not find"} ${id} under ${name}`, () => {
      assert.equal(keyOf(id) === keyOf(name), answer);
    });
  }

  it("finds any model under the name that is listed for it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (id) => {
        assert.equal(keyOf(id), keyOf(toListedName(id)));
        assert.equal(toListedName(toListedName(id)), toListedName(id));
      }),
    );
  });
});

describe("otherSpellings", () => {
  it("know Gemini's prefix, and Ollama's way to say that a model is not in its cloud", () => {
    assert.deepEqual(otherSpellings("gemini-pro"), ["models/gemini-pro"]);
    assert.deepEqual(otherSpellings("x:local"), ["models/x:local", "x"]);
  });
});

describe("toPlainName", () => {
  for (const [name, id] of [
    ["gpt-4o", "gpt-4o"],
    ["gpt-4o:latest", "gpt-4o"],
    ["gpt-4o:LATEST", "gpt-4o"],
    ["x:free", "x:free"],
    ["latest", "latest"],
    ["x:latest-2", "x:latest-2"],
  ] as const) {
    it(`asks the provider for ${id} when the client says ${name}`, () => {
      assert.equal(toPlainName(name), id);
    });
  }
});

describe("isLegalName", () => {
  for (const name of ILLEGAL) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.equal(isLegalName(name), false);
    });
  }

  for (const [id] of [...LISTED, ["model with spaces"], ["モデル"], ["a.b-c_d"]]) {
    it(`takes ${id}`, () => {
      assert.equal(isLegalName(id ?? ""), true);
    });
  }
});
