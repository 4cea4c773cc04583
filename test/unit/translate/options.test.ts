import assert from "node:assert/strict";
import { dialectFor } from "../../../src/upstream/dialects.ts";
import { ownStops, toSampling, toSamplingFields } from "../../../src/translate/options.ts";

const strict = dialectFor({ modelId: "gpt-test" });
const local = dialectFor({ modelId: "qwen", ownedBy: "llamacpp" });

const TRANSLATED: [string, Record<string, unknown>, object][] = [
  ["nothing", {}, {}],
  ["temperature 0, which is a value", { temperature: 0 }, { temperature: 0 }],
  [
    "all that both know",
    { temperature: 0.5, top_p: 0.9, presence_penalty: 1, frequency_penalty: -1, seed: 42 },
    { temperature: 0.5, top_p: 0.9, presence_penalty: 1, frequency_penalty: -1, seed: 42 },
  ],
  ["num_predict", { num_predict: 100 }, { max_tokens: 100 }],
  ["num_predict as a float", { num_predict: 99.9 }, { max_tokens: 99 }],
  ["num_predict -1, no limit", { num_predict: -1 }, {}],
  ["num_predict -2, fill the context", { num_predict: -2 }, {}],
  ["num_predict 0", { num_predict: 0 }, {}],
  ["seed 0, which is a seed", { seed: 0 }, { seed: 0 }],
  ["seed -1, random", { seed: -1 }, {}],
  ["seed as a float", { seed: 7.9 }, { seed: 7 }],
  ["stop as a list", { stop: ["\n", "###"] }, { stop: ["\n", "###"] }],
  ["stop as a string", { stop: "###" }, { stop: ["###"] }],
  ["an empty list of stops", { stop: [] }, {}],
  ["null, which is absent", { temperature: null, stop: null, seed: null, num_predict: null }, {}],
  [
    "what is Ollama's own",
    { num_ctx: 4096, top_k: 40, min_p: 0.1, mirostat: 1, repeat_penalty: 1.1, num_gpu: 1, x: {} },
    {},
  ],
];

const REFUSED: [Record<string, unknown>, string][] = [
  [{ temperature: "hot" }, 'option "temperature" must be of type float32'],
  [{ top_p: true }, 'option "top_p" must be of type float32'],
  [{ presence_penalty: [] }, 'option "presence_penalty" must be of type float32'],
  [{ frequency_penalty: {} }, 'option "frequency_penalty" must be of type float32'],
  [{ num_predict: "100" }, 'option "num_predict" must be of type integer'],
  [{ seed: false }, 'option "seed" must be of type integer'],
  [{ stop: 7 }, 'option "stop" must be of type array'],
  [{ stop: ["a", 7] }, 'option "stop" must be of type array'],
];

describe("toSampling", () => {
  for (const [name, options, sampling] of TRANSLATED) {
    it(`translates ${name}`, () => {
      assert.deepEqual(toSamplingFields(toSampling(options), strict), sampling);
    });
  }

  for (const [options, message] of REFUSED) {
    it(`refuses ${JSON.stringify(options)} in Ollama's words`, () => {
      assert.throws(() => toSampling(options), { code: "invalid_option", message });
    });
  }

  it("finds nothing on the prototype of the options", () => {
    const options = JSON.parse('{"__proto__":{"temperature":"hot"}}') as Record<string, unknown>;
    assert.deepEqual(toSamplingFields(toSampling(options), strict), {});
  });

  it("keeps Ollama's own options for servers that know them", () => {
    const options = { top_k: 40.7, min_p: 0.1, repeat_penalty: 1.1, num_ctx: 4096 };
    assert.deepEqual(toSamplingFields(toSampling(options), local), {
      top_k: 40,
      min_p: 0.1,
      repeat_penalty: 1.1,
    });
  });

  it("reads the top level, and lets options win over it", () => {
    const sampling = toSampling({ temperature: 0.5 }, { temperature: 0.1, max_output_tokens: 9 });
    assert.deepEqual(toSamplingFields(sampling, strict), { temperature: 0.5, max_tokens: 9 });
  });

  it("tells the provider no more stop strings than it takes, and enforces all when there are more", () => {
    const five = toSampling({ stop: ["a", "b", "c", "d", "e"] });
    assert.deepEqual(toSamplingFields(five, strict), { stop: ["a", "b", "c", "d"] });
    assert.deepEqual(ownStops(five, strict), ["a", "b", "c", "d", "e"]);
    assert.deepEqual(ownStops(toSampling({ stop: ["a"] }), strict), []);
    assert.deepEqual(ownStops(five, local), []);
  });
});
