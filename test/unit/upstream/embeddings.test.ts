import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseEmbeddings } from "../../../src/upstream/embeddings.ts";
import { toBase64 } from "../../../src/translate/vectors.ts";
import { RECORDINGS } from "../../transcripts/recordings.ts";

const parse = (body: unknown, inputs: number) =>
  parseEmbeddings(typeof body === "string" ? body : JSON.stringify(body), {
    provider: "fake",
    inputs,
    redact: (text) => text,
  });

const close = (got: number[] | undefined, expected: number[]) => {
  assert.equal(got?.length, expected.length);
  expected.forEach((value, index) => {
    assert.ok(Math.abs((got[index] ?? NaN) - value) < 1e-6, `${got[index]} is not ${value}`);
  });
};

describe("a provider's embeddings", () => {
  it("come in the order of the inputs, whatever the order of the list", () => {
    const data = [
      { index: 2, embedding: [3] },
      { index: 0, embedding: [1] },
      { index: 1, embedding: [2] },
    ];
    const usage = { prompt_tokens: 5, total_tokens: 5 };
    assert.deepEqual(parse({ data, usage }, 3), { vectors: [[1], [2], [3]], promptTokens: 5 });
  });

  it("keep their order where the provider leaves the index out", () => {
    const { vectors } = parse({ data: [{ embedding: [1] }, { embedding: [2] }] }, 2);
    assert.deepEqual(vectors, [[1], [2]]);
  });

  it("are read from base64 floats", () => {
    const vector = [0.5, -0.25, 0, 1];
    const data = [{ index: 0, embedding: toBase64(vector) }];
    close(parse({ data }, 1).vectors[0], vector);
  });

  it("are read from Perplexity's base64 bytes", () => {
    const bytes = Int8Array.from({ length: 1024 }, (_, index) => ((index * 37) % 255) - 127);
    const embedding = Buffer.from(bytes.buffer).toString("base64");
    const [vector] = parse({ data: [{ index: 0, embedding }] }, 1).vectors;
    close(
      vector,
      [...bytes].map((byte) => byte / 127),
    );
  });

  it("are told apart, bytes and floats, whatever the vector", () => {
    const bytes = fc.int8Array({ minLength: 1024, maxLength: 1024 });
    fc.assert(
      fc.property(bytes, (vector) => {
        const embedding = Buffer.from(vector.buffer).toString("base64");
        // Few different bytes are floats as well; no model's vector is like that.
        fc.pre(new Set(vector).size > 64);
        assert.equal(parse({ data: [{ index: 0, embedding }] }, 1).vectors[0]?.length, 1024);
      }),
    );
    const floats = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), {
      minLength: 64,
      maxLength: 256,
    });
    fc.assert(
      fc.property(floats, (wild) => {
        const vector = wild.map((value) => (Math.abs(value) < 1e-12 ? 0 : value));
        const [read] = parse({ data: [{ index: 0, embedding: toBase64(vector) }] }, 1).vectors;
        assert.deepEqual(read, vector.map(Math.fround));
      }),
    );
  });

  it("count what the provider counts, if only in the total", () => {
    const data = [{ index: 0, embedding: [1] }];
    assert.equal(parse({ data, usage: { total_tokens: 7 } }, 1).promptTokens, 7);
    assert.equal(parse({ data }, 1).promptTokens, undefined);
  });

  for (const [name, body, inputs, message] of [
    ["fewer than asked for", { data: [] }, 1, /0 embeddings came for 1 inputs/],
    [
      "an index twice",
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [2] },
        ],
      },
      2,
      /no embedding came for input 1/,
    ],
    ["an index of another kind", { data: [{ index: "0", embedding: [1] }] }, 1, /no list of/],
    [
      "an index beyond the inputs",
      {
        data: [
          { index: 1, embedding: [1] },
          { index: 2, embedding: [2] },
        ],
      },
      2,
      /no embedding came for input 0/,
    ],
    ["an empty vector", { data: [{ index: 0, embedding: [] }] }, 1, /is empty/],
    ["a text that is no base64", { data: [{ index: 0, embedding: "sorry" }] }, 1, /no base64/],
    [
      "a vector of what is no number",
      { data: [{ index: 0, embedding: toBase64(Array<number>(256).fill(NaN)) }] },
      1,
      /no number/,
    ],
    [
      "one value that is no number",
      { data: [{ index: 0, embedding: toBase64([...Array<number>(255).fill(0.1), Infinity]) }] },
      1,
      /no number/,
    ],
    ["an error of status 200", { error: { message: "no such model" } }, 1, /no such model/],
    ["a web page", "<html><title>Hi</title></html>", 1, /a web page came .* \("Hi"\)/],
    ["nothing", "", 1, /no list of embeddings/],
  ] as [string, unknown, number, RegExp][]) {
    it(`are an error when there is ${name}`, () => {
      assert.throws(() => parse(body, inputs), { message });
    });
  }

  for (const file of [
    "openai/embeddings-base64.json",
    "openai/embeddings-float.json",
    "openrouter/embeddings-dimensions.json",
  ]) {
    const path = join(RECORDINGS, file);
    if (!existsSync(path)) {
      it(`are not read from a recording: ${path} is not here`);
      continue;
    }
    it(`are read from a recording: ${file}`, () => {
      const body = readFileSync(path, "utf8");
      const { data } = JSON.parse(body) as { data: { embedding: number[] | string }[] };
      const { vectors, promptTokens } = parse(body, data.length);
      assert.equal(vectors.length, data.length);
      assert.ok((promptTokens ?? 0) > 0);
      for (const [index, vector] of vectors.entries()) {
        const recorded = data[index]?.embedding ?? [];
        const length =
          typeof recorded === "string"
            ? Buffer.from(recorded, "base64").length / 4
            : recorded.length;
        assert.equal(vector.length, length);
        assert.ok(vector.every((value) => Math.abs(value) < 2));
      }
    });
  }
});
