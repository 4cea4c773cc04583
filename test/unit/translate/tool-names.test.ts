import assert from "node:assert/strict";
import { legalToolNames, withOwnNames } from "../../../src/translate/tool-names.ts";

const tool = (name: string) => ({ type: "function", function: { name } });

describe("legalToolNames", () => {
  for (const [name, rule] of [
    ["get_weather", "any"],
    ["get-weather2", "letter"],
    ["_hidden", "any"],
    ["a".repeat(64), "any"],
  ] as const) {
    it(`leaves ${name.slice(0, 20)} alone`, () => {
      const { back, toLegal } = legalToolNames([tool(name)], { messages: [], rule });
      assert.equal(toLegal(name), name);
      assert.equal(back.size, 0);
    });
  }

  for (const [name, rule] of [
    ["mcp.server/tool", "any"],
    ["wetter abfragen", "any"],
    ["höhe", "any"],
    ["_hidden", "letter"],
    ["2nd", "letter"],
    ["💡", "letter"],
    ["a".repeat(65), "any"],
  ] as const) {
    it(`makes ${name.slice(0, 20)} legal, and finds the way back`, () => {
      const { back, toLegal } = legalToolNames([tool(name)], { messages: [], rule });
      const legal = toLegal(name);
      assert.match(legal, rule === "letter" ? /^[A-Za-z][\w-]{0,63}$/ : /^[\w-]{1,64}$/);
      assert.equal(back.get(legal), name);
    });
  }

  it("keeps two names apart that look the same without their signs", () => {
    const { toLegal } = legalToolNames([tool("a.b"), tool("a b")], { messages: [], rule: "any" });
    assert.notEqual(toLegal("a.b"), toLegal("a b"));
  });

  it("knows names that only the history has", () => {
    const calls = [
      { id: "1", type: "function" as const, function: { name: "a.b", arguments: "" } },
    ];
    const messages = [
      { role: "assistant", tool_calls: calls },
      { role: "tool", name: "c.d" },
    ];
    const { back } = legalToolNames([], { messages, rule: "any" });
    assert.deepEqual([...back.values()].sort(), ["a.b", "c.d"]);
  });
});

describe("withOwnNames", () => {
  const back = new Map([["a_b_1", "a.b"]]);
  const called = (name: unknown) => [{ function: { name } }];

  it("gives calls the client's names, in pieces and whole answers", () => {
    const events = [
      { choices: [{ delta: { tool_calls: called("a_b_1") } }] },
      { choices: [{ message: { tool_calls: called("a_b_1") } }] },
    ];
    assert.deepEqual(withOwnNames(events, back), [
      { choices: [{ delta: { tool_calls: called("a.b") } }] },
      { choices: [{ message: { tool_calls: called("a.b") } }] },
    ]);
  });

  it("leaves everything else as it is", () => {
    const events = [
      { choices: [{ delta: { content: "a_b_1", tool_calls: [null, ...called("other")] } }, null] },
      { choices: null },
      {},
    ];
    assert.deepEqual(JSON.stringify(withOwnNames(events, back)[0]), JSON.stringify(events[0]));
    assert.equal(withOwnNames(events, back).length, 3);
  });
});
