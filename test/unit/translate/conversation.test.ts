import assert from "node:assert/strict";
import fc from "fast-check";
import { fromContext, toContext, type Turn } from "../../../src/translate/conversation.ts";

const turns = fc.array(
  fc.record(
    {
      role: fc.constantFrom<Turn["role"]>("system", "user", "assistant"),
      content: fc.string({ unit: "grapheme" }),
    },
    { noNullPrototype: true },
  ),
);

describe("the conversation in `context`", () => {
  it("comes back as it went in", () => {
    fc.assert(
      fc.property(turns, (said) => {
        const systemFirst = [
          ...said.filter(({ role }) => role === "system"),
          ...said.filter(({ role }) => role !== "system"),
        ];
        assert.deepEqual(fromContext(toContext(said)), systemFirst);
      }),
    );
  });

  it("consists of integers that fit any client's", () => {
    const context = toContext([{ role: "user", content: "Hello" }]);
    assert.ok(context.every((one) => Number.isInteger(one) && 0 <= one && one < 2 ** 31));
  });

  it("loses its oldest turns when it grows too long, never the system prompt", () => {
    const long = (letter: string) => ({ role: "user" as const, content: letter.repeat(200_000) });
    const kept = fromContext(
      toContext([{ role: "system", content: "Be brief." }, long("a"), long("b")]),
    );
    assert.deepEqual(
      kept?.map(({ content }) => content[0]),
      ["B", "b"],
    );
  });

  for (const [name, context] of [
    ["tokens of another server", [1, 2, 3]],
    ["nothing", []],
    ["a mark alone", [0x4c4201]],
    ["another version", [0x4c4202, 1, 0]],
    ["a length that lies", [0x4c4201, 300, 1]],
    ["garbage behind the mark", [0x4c4201, 3, 0xffffff]],
    ["negative and broken numbers", [0x4c4201, 3, -1.5]],
  ] as [string, number[]][]) {
    it(`is not found in ${name}`, () => {
      assert.equal(fromContext(context), undefined);
    });
  }

  it("does not unpack more than it may have packed", () => {
    const bomb = toContext([{ role: "system", content: "a".repeat(40_000_000) }]);
    assert.equal(fromContext(bomb), undefined);
  });
});
