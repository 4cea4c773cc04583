import assert from "node:assert/strict";
import fc from "fast-check";
import { parseJson } from "../../../src/server/json.ts";

const REFUSED: [string, string][] = [
  ["{", "unexpected EOF"],
  ['{"a"', "unexpected EOF"],
  ['{"a":', "unexpected EOF"],
  ['{"a":1', "unexpected EOF"],
  ['{"a":"x', "unexpected EOF"],
  ["[1,", "unexpected EOF"],
  ['"\\', "unexpected EOF"],
  ["x", "invalid character 'x' looking for beginning of value"],
  ["ü", "invalid character 'ü' looking for beginning of value"],
  ['{"a":x}', "invalid character 'x' looking for beginning of value"],
  ["[,]", "invalid character ',' looking for beginning of value"],
];

/** Where Go looks for something else; the character matters. */
const ANYWHERE: [string, string][] = [
  ["{x}", "'x'"],
  ["{'a':1}", "'\\''"],
  ['{"a" 1}', "'1'"],
  ['{"a":1 "b":2}', "'\"'"],
  ["[1 2]", "'2'"],
  ['{"a":1,}', "'}'"],
];

describe("parseJson", () => {
  it("reads whatever JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.deepEqual(parseJson(text), JSON.parse(text));
      }),
    );
  });

  it("ignores what follows the first value, whatever it is", () => {
    const value = fc.oneof(fc.object(), fc.array(fc.string())).map((one) => JSON.stringify(one));
    fc.assert(
      fc.property(value, fc.string({ maxLength: 10 }), (text, rest) => {
        assert.deepEqual(parseJson(text + rest), JSON.parse(text));
      }),
    );
  });

  it("throws nothing but a BridgeError for any text", () => {
    const noise = fc.array(
      fc.constantFrom("{", "}", "[", "]", '"', ",", ":", "\\", "1", "t", "'", "\n", "\u0000", "€"),
    );
    fc.assert(
      fc.property(noise, (parts) => {
        try {
          parseJson(parts.join(""));
        } catch (error) {
          assert.equal((error as { code?: string }).code, "invalid_request", String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  for (const [text, message] of REFUSED) {
    it(`says of ${JSON.stringify(text)}: ${message}`, () => {
      assert.throws(() => parseJson(text), { code: "invalid_request", message });
    });
  }

  for (const [text, character] of ANYWHERE) {
    it(`names the character that is wrong in ${text} as Go quotes it`, () => {
      assert.throws(
        () => parseJson(text),
        (error: Error) => error.message.startsWith(`invalid character ${character} `),
      );
    });
  }

  it("takes 128 levels and refuses one more, of either kind", () => {
    const nest = (levels: number, open: string, close: string) =>
      open.repeat(levels) + "1" + close.repeat(levels);
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      assert.doesNotThrow(() => parseJson(nest(128, open, close)));
      assert.throws(() => parseJson(nest(129, open, close)), { code: "invalid_request" });
    }
  });

  it("does not count brackets in strings", () => {
    const text = JSON.stringify({ a: "[{".repeat(1000), b: '\\"[[', c: "\\" });
    assert.deepEqual(parseJson(text), JSON.parse(text));
  });
});
