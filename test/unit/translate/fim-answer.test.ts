import assert from "node:assert/strict";
import fc from "fast-check";
import { createHoleFilter } from "../../../src/translate/fim-answer.ts";
import type { Hole } from "../../../src/translate/fim-templates.ts";

const FUNCTION: Hole = {
  template: "suffix",
  prefix: "def add(a, b):\n    ",
  suffix: "\n\nprint(add(1, 2))\n",
  context: [],
};

const CALL: Hole = {
  template: "suffix",
  prefix: "const total = sum(",
  suffix: ");\nconsole.log(total);\n",
  context: [],
};

const BLOCK: Hole = {
  template: "suffix",
  prefix: "function f(x) {\n  if (x) {\n    ",
  suffix: "\n  }\n}\n",
  context: [],
};

function fill(hole: Hole, parts: string[], stops: string[] = []): string {
  const filter = createHoleFilter(hole, { stops });
  let out = "";
  for (const part of parts) {
    if (filter.isDone) break;
    out += filter.push(part);
  }
  return out + filter.end();
}

const CASES: [name: string, hole: Hole, answer: string, fill: string, stops?: string[]][] = [
  ["a fill as it should be", FUNCTION, "return a + b", "return a + b"],
  ["leading white space", FUNCTION, "  return a + b", "  return a + b"],
  ["a leading line break", CALL, "\n  1,\n  2\n", "\n  1,\n  2\n"],
  ["a fence", FUNCTION, "```python\nreturn a + b\n```", "return a + b"],
  [
    "a fence with words around it",
    FUNCTION,
    "Sure! Here is the code:\n\n```python\nreturn a + b\n```\nThis adds them.",
    "return a + b",
  ],
  ["a fence with an indentation", BLOCK, "```js\n    return 1;\n```\n", "    return 1;"],
  ["a fence that is never closed", FUNCTION, "```python\nreturn a + b", "return a + b"],
  ["an empty fence", FUNCTION, "```python\n```", ""],
  [
    "words that announce code without a fence",
    FUNCTION,
    "Here is the missing code:\nreturn a + b",
    "return a + b",
  ],
  ["a word that only begins like talk", CALL, "sure, thing", "sure, thing"],
  [
    "code that begins like talk",
    FUNCTION,
    "okay = a\n    return okay",
    "okay = a\n    return okay",
  ],
  ["the line before the cursor again", CALL, "const total = sum(1, 2", "1, 2"],
  [
    "the lines before the cursor again",
    FUNCTION,
    "def add(a, b):\n    return a + b",
    "return a + b",
  ],
  [
    "the line again, without its indentation",
    { ...CALL, prefix: "  const total = sum(" },
    "const total = sum(1, 2",
    "1, 2",
  ],
  ["a bracket as before the cursor, which is code", CALL, "(1 + 2)", "(1 + 2)"],
  ["the rest of the line again", CALL, "1, 2);", "1, 2"],
  ["half of the rest of the line", CALL, "1, 2)", "1, 2"],
  ["the rest of the line and more", CALL, "1, 2);\nconsole.log(total);\n", "1, 2"],
  ["a closing bracket of its own", CALL, "add(1, 2)", "add(1, 2)"],
  ["the following line", FUNCTION, "return a + b\n\nprint(add(1, 2))", "return a + b"],
  [
    "the following lines with fewer empty ones",
    FUNCTION,
    "return a + b\nprint(add(1, 2))\nprint(3)",
    "return a + b",
  ],
  ["the closing braces behind the hole", BLOCK, "return 1;\n  }\n}", "return 1;"],
  ["braces of its own", BLOCK, "while (x) {\n      x--;\n    }", "while (x) {\n      x--;\n    }"],
  ["a token that leaks", FUNCTION, "return a + b<|endoftext|>more", "return a + b"],
  ["another token that leaks", FUNCTION, "return a + b<|fim_prefix|>", "return a + b"],
  ["a stop string", FUNCTION, "return a + b\n\n\nmore", "return a + b", ["\n\n"]],
  ["nothing", FUNCTION, "", ""],
  [
    "a fence inside a markdown fence",
    { template: "suffix", prefix: "# Doc\n\n```sh\n", suffix: "\nText.\n", context: [] },
    "npm ci\n```\n",
    "npm ci\n```\n",
  ],
];

describe("the answer that fills a hole", () => {
  for (const [name, hole, answer, expected, stops] of CASES) {
    it(`comes out clean from ${name}, wherever it is cut`, () => {
      for (const parts of [[answer], Array.from(answer), answer.match(/[^]{1,3}/g) ?? []]) {
        assert.equal(fill(hole, parts, stops), expected, JSON.stringify(parts));
      }
    });
  }

  it("does not depend on where it is cut", () => {
    const token = fc.constantFrom(
      "```",
      "\n",
      "return ",
      "a",
      ")",
      ";",
      "print(add(1, 2))",
      "def ",
      "    ",
      "Sure",
      ":",
      "console.log(total);",
      "}",
    );
    fc.assert(
      fc.property(
        fc.constantFrom(FUNCTION, CALL, BLOCK),
        fc.array(token, { maxLength: 14 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 20 }),
        (hole, tokens, cuts) => {
          const whole = tokens.join("");
          const parts: string[] = [];
          let rest = whole;
          for (const cut of cuts) {
            parts.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          parts.push(rest);
          assert.equal(
            fill(hole, parts, ["a)"]),
            fill(hole, Array.from(whole), ["a)"]),
            JSON.stringify(parts),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("changes nothing of a fill that has none of this", () => {
    const word = fc.constantFrom(
      "x",
      " ",
      "  ",
      "\n",
      "= ",
      "foo(1)",
      "[2]",
      "{}",
      "// note",
      ",",
      "if ",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const whole = words.join("");
        for (const hole of [FUNCTION, CALL, BLOCK])
          assert.equal(fill(hole, Array.from(whole)), whole);
      }),
    );
  });

  it("flows: a line leaves before the next one comes", () => {
    const filter = createHoleFilter(FUNCTION, { stops: [] });
    assert.equal(filter.push("return a"), "return a");
    assert.equal(filter.push(" + b"), " + b");
    assert.equal(filter.isDone, false);
    assert.equal(filter.push("\n\nprint(add(1, 2))\n"), "");
    assert.equal(filter.isDone, true);
  });
});
