import assert from "node:assert/strict";
import fc from "fast-check";
import { joined, normalized, shortened, toBase64 } from "../../../src/translate/vectors.ts";

const vectors = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });

function lengthOf(vector: number[]): number {
  return Math.hypot(...vector);
}

describe("a vector", () => {
  it("has length 1 and its old direction when it is normalised", () => {
    fc.assert(
      fc.property(vectors, (vector) => {
        fc.pre(vector.some((value) => value !== 0));
        const unit = normalized(vector);
        assert.ok(Math.abs(lengthOf(unit) - 1) < 1e-9);
        const length = lengthOf(vector);
        for (const [index, value] of unit.entries()) {
          assert.ok(Math.abs(value - (vector[index] ?? NaN) / length) < 1e-9);
        }
      }),
    );
  });

  it("of zeros stays one", () => {
    assert.deepEqual(normalized([0, 0, 0]), [0, 0, 0]);
  });

  it("may be longer than a function has parameters", () => {
    const vector = normalized(Array<number>(1_000_000).fill(1));
    assert.ok(Math.abs((vector[0] ?? 0) - 0.001) < 1e-9);
  });

  it("is cut to the wished dimensions and normalised again", () => {
    assert.deepEqual(shortened([3, 4, 12], 2), [0.6, 0.8]);
  });

  for (const dimensions of [undefined, 0, -1, 3, 4]) {
    it(`stays as it is when ${dimensions} of its 3 dimensions are wished for`, () => {
      assert.deepEqual(shortened([3, 4, 12], dimensions), [3, 4, 12]);
    });
  }

  it("is the same 32-bit floats in base64, lowest byte first", () => {
    assert.equal(toBase64([1]), Buffer.from([0, 0, 0x80, 0x3f]).toString("base64"));
    fc.assert(
      fc.property(vectors, (vector) => {
        const bytes = Buffer.from(toBase64(vector), "base64");
        assert.equal(bytes.length, vector.length * 4);
        assert.deepEqual(
          vector.map((_, index) => bytes.readFloatLE(index * 4)),
          vector,
        );
      }),
    );
  });
});

describe("answers to parts of one question", () => {
  const part = (first: number, promptTokens: number | undefined) => ({
    vectors: [[first]],
    promptTokens,
  });

  it("are joined in order, with the sum of their tokens", () => {
    assert.deepEqual(joined([part(1, 2), part(2, 3)]), { vectors: [[1], [2]], promptTokens: 5 });
  });

  it("have no tokens when one of them did not tell", () => {
    assert.equal(joined([part(1, 2), part(2, undefined)]).promptTokens, undefined);
  });
});
