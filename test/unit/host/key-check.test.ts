import assert from "node:assert/strict";
import { checkKey } from "../../../src/host/key-check.ts";

describe("checkKey", () => {
  it("takes a key as it is", () => {
    assert.deepEqual(checkKey("sk-or-v1-0123"), { kind: "usable", key: "sk-or-v1-0123" });
  });

  it("takes away what surrounds it", () => {
    for (const pasted of [" sk-1", "sk-1\n", "\r\n\tsk-1 \u00a0", "\ufeffsk-1"]) {
      assert.deepEqual(checkKey(pasted), { kind: "usable", key: "sk-1" });
    }
  });

  it("takes an accidental Bearer off and says so", () => {
    for (const pasted of ["Bearer sk-1", "bearer  sk-1", " BEARER\tsk-1 "]) {
      const check = checkKey(pasted);
      assert.ok(check.kind === "usable");
      assert.equal(check.key, "sk-1");
      assert.match(check.note ?? "", /Bearer/);
    }
  });

  it("keeps a key that merely begins with that word", () => {
    assert.deepEqual(checkKey("bearer-1"), { kind: "usable", key: "bearer-1" });
  });

  it("takes what a Latin-1 header can carry", () => {
    assert.equal(checkKey("ké~!y").kind, "usable");
  });

  const refused: [what: string, pasted: string, problem: RegExp][] = [
    ["nothing", "", /empty/],
    ["only blanks", " \n ", /empty/],
    ["only the word Bearer", "Bearer ", /empty/],
    ["a blank inside", "sk-1 sk-2", /blank .* character 5/],
    ["a line break inside", "sk-1\nsk-2", /line break .* character 5/],
    ["a control character", "sk\u0007-1", /Character 3/],
    ["a character beyond Latin-1", "sk-\u2026", /Character 4/],
    ["an invisible blank", "sk-1\u200b", /Character 5/],
    ["a C1 control", "sk\u0085x", /Character 3/],
    ["a URL", "https://api.openai.com/v1", /URL/],
    ["a URL behind Bearer", "Bearer https://x.example", /URL/],
    ["a novel", "k".repeat(8193), /longer than 8192/],
  ];
  for (const [what, pasted, problem] of refused) {
    it(`refuses ${what}`, () => {
      const check = checkKey(pasted);
      assert.ok(check.kind === "refused");
      assert.match(check.problem, problem);
    });
  }

  it("never quotes the key", () => {
    const check = checkKey("CANARY CANARY");
    assert.ok(check.kind === "refused");
    assert.doesNotMatch(check.problem, /CANARY/);
  });
});
