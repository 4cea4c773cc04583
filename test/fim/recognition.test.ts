import assert from "node:assert/strict";
import { findHole, withoutSentinels } from "../../src/translate/fim-templates.ts";
import { SENTINELS, tokensFor } from "../../src/translate/fim-tokens.ts";
import { NO_HOLES, PROMPTS } from "./prompts.ts";

describe("a hole in a prompt", () => {
  for (const { client, template, prompt, suffix, prefix, behind, context = [], path } of PROMPTS) {
    it(`is found as it was meant: ${client}`, () => {
      assert.deepEqual(findHole(prompt, suffix), {
        template,
        prefix,
        suffix: behind,
        context,
        ...(path !== undefined && { path }),
      });
    });
  }

  for (const [name, prompt] of NO_HOLES) {
    it(`is not found in ${name}`, () => {
      assert.equal(findHole(prompt), undefined);
    });
  }

  it("keeps the user's own spaces where a template adds none", () => {
    const hole = findHole("<|fim_prefix|>x = <|fim_suffix|> + y<|fim_middle|>");
    assert.deepEqual([hole?.prefix, hole?.suffix], ["x = ", " + y"]);
  });

  it("loses exactly one space where a template adds one", () => {
    const hole = findHole("<PRE>   x =  <SUF>y <MID>");
    assert.deepEqual([hole?.prefix, hole?.suffix], ["  x = ", "y"]);
  });
});

describe("stop strings of a fill", () => {
  const hole = { template: "qwen", prefix: "", suffix: "", context: [] };

  it("lose every token of the catalogue", () => {
    assert.deepEqual(withoutSentinels([...SENTINELS, "<END>", "<EOD>", "EOT"], hole), []);
  });

  it("lose twinny's spelling of DeepSeek's tokens", () => {
    assert.deepEqual(withoutSentinels(["<｜fim begin｜>", "<｜end of sentence｜>"], hole), []);
  });

  it("keep what the user's code may hold", () => {
    const stops = ["\n", "\n\n", "```", "<div>", "diff --git", "//"];
    assert.deepEqual(withoutSentinels(stops, hole), stops);
  });

  it('lose "//" in DeepSeek\'s template, where it cuts off every comment', () => {
    assert.deepEqual(withoutSentinels(["//", "\n\n"], { ...hole, template: "deepseek" }), ["\n\n"]);
  });
});

describe("the tokens of the model behind", () => {
  for (const [id, family] of [
    ["qwen2.5-coder:7b", "qwen"],
    ["Qwen/Qwen3-Coder-30B-A3B-Instruct", "qwen"],
    ["google/codegemma-7b", "codegemma"],
    ["bigcode/starcoder2-15b", "starcoder"],
    ["ibm/granite-8b-code-base", "starcoder"],
    ["granite-4.0-h-small", "qwen"],
    ["codellama/CodeLlama-13b-hf", "codellama"],
    ["deepseek-ai/deepseek-coder-6.7b-base", "deepseek"],
    ["mistralai/Codestral-22B-v0.1", "codestral"],
    ["ByteDance-Seed/Seed-Coder-8B-Base", "seed"],
    ["glm-4-9b", "glm"],
    ["gpt-4o", undefined],
    ["llama3.1:8b", undefined],
    ["gemma-3-27b-it", undefined],
  ] as const) {
    it(`are ${family ?? "unknown"} for ${id}`, () => {
      assert.equal(tokensFor(id)?.id, family);
    });
  }
});
