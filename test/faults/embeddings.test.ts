import assert from "node:assert/strict";
import { startTalk } from "../support/conversation.ts";
import type { ScriptedAnswer } from "../support/scripted-transport.ts";

const OPTIONS = { baseUrl: "https://provider.test/v1" };

function json(body: object, status = 200): ScriptedAnswer {
  return { status, body: Buffer.from(JSON.stringify(body)) };
}

/** One vector for each number, in the opposite order. */
function vectors(...firsts: number[]): ScriptedAnswer {
  const data = firsts.map((first, index) => ({
    object: "embedding",
    index,
    embedding: [first, 4],
  }));
  return json({ data: data.reverse(), usage: { prompt_tokens: firsts.length } });
}

const refusal = (message: string) => json({ error: { message } }, 400);

describe("/api/embed", () => {
  it("gives vectors of length 1, in the order of the inputs", async () => {
    const talk = startTalk([vectors(3, -3)], OPTIONS);
    const [answer] = await talk.send("/api/embed", { input: ["a", "b"] });
    assert.deepEqual(answer?.["embeddings"], [
      [0.6, 0.8],
      [-0.6, 0.8],
    ]);
    assert.deepEqual(Object.keys(answer), [
      "model",
      "embeddings",
      "total_duration",
      "load_duration",
      "prompt_eval_count",
    ]);
    assert.equal(answer["prompt_eval_count"], 2);
    assert.deepEqual(talk.sent[0], {
      model: "gpt-test",
      input: ["a", "b"],
      encoding_format: "float",
    });
  });

  it("splits what is more than the provider takes in one call", async () => {
    const inputs = Array.from({ length: 70 }, (_, index) => `text ${index}`);
    const numbers = inputs.map((_, index) => index);
    const talk = startTalk(
      [
        vectors(...numbers.slice(0, 32)),
        vectors(...numbers.slice(32, 64)),
        vectors(...numbers.slice(64)),
      ],
      { baseUrl: "https://api.mistral.ai/v1" },
    );
    const [answer] = await talk.send("/api/embed", { input: inputs });
    const embeddings = answer?.["embeddings"] as number[][];
    assert.deepEqual(
      talk.sent.map(({ input }) => (input as string[]).length),
      [32, 32, 6],
    );
    assert.deepEqual(
      embeddings.map(([first = 0, second = 1]) => Math.round((first / second) * 4)),
      numbers,
    );
    assert.equal(answer?.["prompt_eval_count"], 70);
  });

  for (const input of [undefined, null, "", []]) {
    it(`answers ${JSON.stringify(input)} without a call`, async () => {
      const talk = startTalk([], OPTIONS);
      assert.deepEqual(await talk.send("/api/embed", { input }), [
        { model: "gpt-test", embeddings: [] },
      ]);
      assert.equal(talk.sent.length, 0);
    });
  }

  it("embeds an empty text among others, which providers refuse", async () => {
    const talk = startTalk([vectors(1, 2)], OPTIONS);
    await talk.send("/api/embed", { input: ["a", ""] });
    assert.deepEqual(talk.sent[0]?.["input"], ["a", " "]);
  });

  it("asks for dimensions, and cuts by itself where the provider refuses, from then on without asking", async () => {
    const talk = startTalk(
      [refusal("This model does not support specifying dimensions."), vectors(3), vectors(3)],
      OPTIONS,
    );
    const ask = { input: "a", dimensions: 1 };
    for (let round = 0; round < 2; round++) {
      const [answer] = await talk.send("/api/embed", ask);
      assert.deepEqual(answer?.["embeddings"], [[1]]);
    }
    assert.deepEqual(
      talk.sent.map(({ dimensions }) => dimensions),
      [1, undefined, undefined],
    );
  });

  it("cuts a text that is too long until it fits, and only that one", async () => {
    const long = refusal("This model's maximum context length is 8192 tokens");
    const talk = startTalk([long, vectors(1), long, long, vectors(2)], OPTIONS);
    const [answer] = await talk.send("/api/embed", { input: ["short", "x".repeat(100)] });
    assert.equal((answer?.["embeddings"] as unknown[]).length, 2);
    assert.deepEqual(
      talk.sent.slice(1).map(({ input }) => (input as string[])[0]?.length),
      [5, 100, 50, 25],
    );
  });

  it("refuses it in Ollama's words when it may not be cut", async () => {
    const talk = startTalk([refusal("maximum context length is 8192 tokens")], OPTIONS);
    const [answer] = await talk.send("/api/embed", { input: "x", truncate: false });
    assert.deepEqual(answer, { error: "the input length exceeds the context length" });
  });

  for (const [name, body, error] of [
    ["another type", { input: 7 }, "invalid input type"],
    ["a list of numbers", { input: [1] }, "invalid input type"],
    ["no model", { model: "", input: "a" }, "model '' not found"],
    [
      "an unknown model",
      { model: "nope", input: "a" },
      'model "nope" not found, try pulling it first',
    ],
  ] as [string, object, string][]) {
    it(`refuses ${name} in Ollama's words`, async () => {
      assert.deepEqual(await startTalk([], OPTIONS).send("/api/embed", body), [{ error }]);
    });
  }

  it("tells what a provider without embeddings says", async () => {
    const talk = startTalk([json({ error: { message: "No such route" } }, 404)], OPTIONS);
    const [answer] = await talk.send("/api/embed", { input: "a" });
    assert.match(String(answer?.["error"]), /No such route/);
  });
});

describe("/api/embeddings", () => {
  it("gives one vector as it is", async () => {
    const talk = startTalk([vectors(3)], OPTIONS);
    assert.deepEqual(await talk.send("/api/embeddings", { prompt: "a" }), [{ embedding: [3, 4] }]);
  });

  it("answers an empty prompt without a call", async () => {
    assert.deepEqual(await startTalk([], OPTIONS).send("/api/embeddings", {}), [{ embedding: [] }]);
  });

  it("wants a model", async () => {
    const answer = await startTalk([], OPTIONS).send("/api/embeddings", { model: "", prompt: "a" });
    assert.deepEqual(answer, [{ error: "model is required" }]);
  });
});

describe("/v1/embeddings", () => {
  it("gives numbers, or base64 where the client asks for it", async () => {
    const talk = startTalk([vectors(3), vectors(3)], OPTIONS);
    const [numbers] = await talk.send("/v1/embeddings", { input: "a" });
    assert.deepEqual(numbers, {
      object: "list",
      data: [{ object: "embedding", embedding: [3, 4], index: 0 }],
      model: "gpt-test",
      usage: { prompt_tokens: 1, total_tokens: 1 },
    });
    const [base64] = await talk.send("/v1/embeddings", { input: ["a"], encoding_format: "BASE64" });
    const [{ embedding } = { embedding: "" }] = base64?.["data"] as { embedding: string }[];
    const bytes = Buffer.from(embedding, "base64");
    assert.deepEqual([bytes.readFloatLE(0), bytes.readFloatLE(4)], [3, 4]);
  });

  for (const [name, body, message] of [
    ["nothing", { input: null }, "invalid input"],
    ["an empty list", { input: [] }, "invalid input"],
    ["lists of tokens", { input: [[1, 2]] }, "invalid input type"],
    ["no model", { model: "", input: "a" }, "model is required"],
  ] as [string, object, string][]) {
    it(`refuses ${name} in OpenAI's shape`, async () => {
      const answer = await startTalk([], OPTIONS).send("/v1/embeddings", body);
      assert.deepEqual(answer, [
        { error: { message, type: "invalid_request_error", param: null, code: null } },
      ]);
    });
  }
});
