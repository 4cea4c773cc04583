import assert from "node:assert/strict";
import fc from "fast-check";
import { createSseDecoder, type SseEvent } from "../../../src/protocol/sse.ts";

function decode(pieces: string[]): SseEvent[] {
  const decoder = createSseDecoder();
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
}

const dataOf = (text: string) => decode([text]).map(({ data }) => data);

const FRAMINGS: [string, string, string[]][] = [
  ["line feeds", "data: a\n\ndata: b\n\n", ["a", "b"]],
  ["carriage returns and line feeds", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
  ["carriage returns alone", "data: a\r\rdata: b\r\r", ["a", "b"]],
  ["no blank behind the colon", "data:a\n\n", ["a"]],
  ["two blanks behind the colon", "data:  a\n\n", [" a"]],
  ["data over several lines", "data: {\ndata: }\n\n", ["{\n}"]],
  ["comments in between", ": PROCESSING\n\ndata: a\n: ping\n\n:\n\ndata: b\n\n", ["a", "b"]],
  ["fields in front", "id: 1\nevent: message\nretry: 10\ndata: a\n\n", ["a"]],
  ["an unknown field, as of an indented line", " data: no\ndata: a\n\n", ["a"]],
  ["many blank lines", "\n\n\ndata: a\n\n\n\n\ndata: b\n\n", ["a", "b"]],
  ["no blank line at its end", "data: a\n\ndata: b\n", ["a", "b"]],
  ["no line end at its end", "data: a\n\ndata: b", ["a", "b"]],
  ["nothing but comments", ": a\n\n: b\n\n", []],
  ["nothing", "", []],
];

describe("createSseDecoder", () => {
  for (const [name, text, expected] of FRAMINGS) {
    it(`reads a stream with ${name}, whole and character by character`, () => {
      assert.deepEqual(dataOf(text), expected);
      assert.deepEqual(
        decode(Array.from(text)).map(({ data }) => data),
        expected,
      );
    });
  }

  it("tells the event's name", () => {
    assert.deepEqual(decode(["event: error\ndata: x\n\ndata: y\n\n"]), [
      { event: "error", data: "x" },
      { event: undefined, data: "y" },
    ]);
  });

  it("takes a field named error for an error, as GPUStack sends it", () => {
    assert.deepEqual(decode(['error: {"detail":"x"}\n\n']), [
      { event: "error", data: '{"detail":"x"}' },
    ]);
  });

  it("gives the same events for any split of the same text", () => {
    const piece = fc.constantFrom(
      "data: ",
      "x",
      "\n",
      "\r",
      "\r\n",
      ":",
      "\n\n",
      "event: e",
      "€",
      " ",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.infiniteStream(fc.nat(7)),
        (parts, cuts) => {
          const text = parts.join("");
          const pieces: string[] = [];
          for (let start = 0; start < text.length;) {
            const length = 1 + (cuts.next().value as number);
            pieces.push(text.slice(start, start + length));
            start += length;
          }
          assert.deepEqual(decode(pieces), decode([text]));
        },
      ),
    );
  });

  const BOUNDS: [string, string[]][] = [
    ["a line without an end, in pieces", Array.from({ length: 30 }, () => "0123456789")],
    ["data over many lines", Array.from({ length: 30 }, () => "data: 0123456789\n")],
    ["one long line at once", [`data: ${"x".repeat(300)}`]],
    ["a comment without an end", [":", ...Array.from({ length: 30 }, () => "0123456789")]],
  ];

  for (const [name, pieces] of BOUNDS) {
    it(`throws at its bound for ${name}`, () => {
      const decoder = createSseDecoder({ maxEventChars: 200 });
      assert.throws(() => {
        for (const piece of pieces) decoder.push(piece);
      }, RangeError);
    });
  }

  it("has a bound for each event, not for the stream", () => {
    const decoder = createSseDecoder({ maxEventChars: 200 });
    for (let event = 0; event < 100; event++) {
      assert.equal(decoder.push(`data: ${"x".repeat(100)}\n\n`).length, 1);
    }
  });
});
