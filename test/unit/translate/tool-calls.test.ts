import assert from "node:assert/strict";
import fc from "fast-check";
import { parseArguments } from "../../../src/translate/tool-arguments.ts";
import { createToolCallAssembler } from "../../../src/translate/tool-calls.ts";
import { isNineAlphanumeric, toCallId } from "../../../src/translate/tool-ids.ts";

const call = fc.record(
  {
    name: fc.stringMatching(/^[a-z_]{1,12}$/),
    arguments: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 2 }), {
      noNullPrototype: true,
    }),
  },
  { noNullPrototype: true },
);

describe("tool calls", () => {
  it("come out as they went in, in whatever fragments", () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 4 }), fc.array(fc.nat(7)), (calls, cuts) => {
        const assembler = createToolCallAssembler({ seed: "s" });
        const told: string[] = [];
        const tell = (deltas: Parameters<typeof assembler.push>[0]) => {
          for (const { index, function: piece } of assembler.push(deltas)) {
            told[index] = (told[index] ?? "") + piece.arguments;
          }
        };
        for (const [index, { name, arguments: values }] of calls.entries()) {
          tell([{ index, id: `call_${index}_abcdef`, function: { name, arguments: "" } }]);
          let rest = JSON.stringify(values);
          for (const cut of [...cuts, Infinity]) {
            tell([{ index, function: { arguments: rest.slice(0, cut) } }]);
            rest = rest.slice(cut);
          }
        }
        const end = assembler.end({ cutOff: false });
        assert.ok(end.kind === "calls");
        const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
        assert.deepEqual(
          end.calls.map(({ name, arguments: values }) => plain({ name, arguments: values })),
          calls.map(plain),
        );
        assert.deepEqual(
          told.map((text) => JSON.parse(text) as unknown),
          calls.map(({ arguments: values }) => plain(values)),
        );
      }),
    );
  });

  it("have a bound on their arguments", () => {
    const assembler = createToolCallAssembler({ seed: "s", maxChars: 10 });
    for (let round = 0; round < 5; round++) {
      assembler.push([
        { index: 0, id: "call_abcdefgh", function: { name: "f", arguments: "12345" } },
      ]);
    }
    assert.deepEqual(assembler.end({ cutOff: false }), {
      kind: "broken",
      reason: "its tool call is too long",
    });
  });
});

describe("the arguments of a call", () => {
  const READ: [string, string, object[]][] = [
    ["nothing", "", [{}]],
    ["null", "null", [{}]],
    ["an object", '{"a":1}', [{ a: 1 }]],
    ["JSON inside JSON", '"{\\"a\\":1}"', [{ a: 1 }]],
    ["a fence", '```json\n{"a":1}\n```', [{ a: 1 }]],
    ["a trailing comma", '{"a":[1,],}', [{ a: [1] }]],
    ["a comma inside a string", '{"a":",}",}', [{ a: ",}" }]],
    ["a missing bracket", '{"a":{"b":[1', [{ a: { b: [1] } }]],
    ["two objects in one", '{"a":1} {"a":2}', [{ a: 1 }, { a: 2 }]],
  ];

  for (const [name, text, objects] of READ) {
    it(`are read from ${name}`, () => {
      assert.deepEqual(parseArguments(text, { cutOff: false }), { kind: "objects", objects });
    });
  }

  for (const text of ['{"a":"cut of', "city=Paris", "[1]", "7", '"text"', "true", '{"a":1}{"b"']) {
    it(`are not guessed from ${text}`, () => {
      assert.equal(parseArguments(text, { cutOff: false }).kind, "broken");
    });
  }

  it("are not mended when they were cut off", () => {
    const parsed = parseArguments('{"a":{"b":[1', { cutOff: true });
    assert.deepEqual(parsed, { kind: "broken", reason: "was cut off (length)" });
  });
});

describe("the id of a call", () => {
  it("stays when every provider takes it", () => {
    for (const id of ["call_abc123XYZ", "toolu_bdrk_01L6Xsux1sqgXSsd2xi64poF", "g6fVbXS8K"]) {
      assert.equal(toCallId(id, "seed"), id);
    }
  });

  it("is nine letters and digits otherwise, and the same for the same call", () => {
    for (const id of ["", "0", "functions.get_weather:0", "x".repeat(41), "with space"]) {
      const own = toCallId(id, "seed");
      assert.ok(isNineAlphanumeric(own), own);
      assert.equal(toCallId(id, "seed"), own);
      assert.notEqual(toCallId(id, "other"), own);
    }
  });
});
