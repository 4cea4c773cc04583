import assert from "node:assert/strict";
import { startTalk } from "../support/conversation.ts";
import { createScriptedTransport, type ScriptedAnswer } from "../support/scripted-transport.ts";
import { createTestApp } from "../support/test-app.ts";

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

const refusal = (message: string, status = 400) => json({ error: { message } }, status);

/** How many inputs each call had. */
function sizes(talk: { sent: Record<string, unknown>[] }): number[] {
  return talk.sent.map(({ input }) => (input as string[]).length);
}

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

  it("takes the refusal of dimensions also when another request has learned it meanwhile", async () => {
    const refused = refusal("This model does not support specifying dimensions.");
    const talk = startTalk([refused, refused, vectors(3), vectors(3)], OPTIONS);
    const ask = { input: "a", dimensions: 1 };
    const answers = await Promise.all([talk.send("/api/embed", ask), talk.send("/api/embed", ask)]);
    for (const [answer] of answers) assert.deepEqual(answer?.["embeddings"], [[1]]);
  });

  it("asks for dimensions again when it was not their refusal that failed", async () => {
    const talk = startTalk(
      [refusal("dimensions or input are wrong"), refusal("input is wrong"), vectors(3)],
      OPTIONS,
    );
    const ask = { input: "a", dimensions: 1 };
    const [failed] = await talk.send("/api/embed", ask);
    assert.match(String(failed?.["error"]), /input is wrong/);
    await talk.send("/api/embed", ask);
    assert.deepEqual(
      talk.sent.map(({ dimensions }) => dimensions),
      [1, undefined, 1],
    );
  });

  for (const message of [
    "Value 'float' supplied for argument 'encoding_format' is not valid",
    "Input should be 'base64_int8' or 'base64_binary'",
    "Extra inputs are not permitted",
  ]) {
    it(`names no encoding to a provider that says "${message}"`, async () => {
      const talk = startTalk([refusal(message, 422), vectors(1), vectors(1)], OPTIONS);
      for (let round = 0; round < 2; round++) await talk.send("/api/embed", { input: "a" });
      assert.deepEqual(
        talk.sent.map(({ encoding_format }) => encoding_format),
        ["float", undefined, undefined],
      );
    });
  }

  for (const [provider, field] of [
    ["https://api.voyageai.com/v1", "output_dimension"],
    ["https://api.perplexity.ai/v1", "dimensions"],
  ] as const) {
    it(`asks ${provider} for \`${field}\`, and for no encoding`, async () => {
      const talk = startTalk([vectors(1)], { baseUrl: provider });
      await talk.send("/api/embed", { input: "a", dimensions: 2 });
      assert.deepEqual(talk.sent, [{ model: "gpt-test", input: ["a"], [field]: 2 }]);
    });
  }

  it("sends no more inputs in one call than answers may be long", async () => {
    const numbers = Array.from({ length: 600 }, (_, index) => index);
    const talk = startTalk(
      [vectors(...numbers.slice(0, 512)), vectors(...numbers.slice(512))],
      OPTIONS,
    );
    await talk.send("/api/embed", { input: numbers.map(String) });
    assert.deepEqual(sizes(talk), [512, 88]);
  });

  for (const [message, status] of [
    ["Requested 400000 tokens, max 300000 tokens per request", 400],
    ["Too many inputs in request, split into more batches.", 400],
    ["input batch size 4 > maximum allowed batch size 2", 413],
  ] as const) {
    it(`splits a batch that the provider refuses with "${message}", also where nothing may be cut`, async () => {
      const talk = startTalk([refusal(message, status), vectors(1, 2), vectors(3, 4)], OPTIONS);
      const body = { input: ["a", "b", "c", "d"], truncate: false };
      const [answer] = await talk.send("/api/embed", body);
      const embeddings = answer?.["embeddings"] as number[][];
      assert.deepEqual(
        embeddings.map(([first = 0, second = 1]) => Math.round((first / second) * 4)),
        [1, 2, 3, 4],
      );
      assert.deepEqual(sizes(talk), [4, 2, 2]);
    });
  }

  for (const [message, status] of [
    ["input (596 tokens) is too large to process. increase the physical batch size", 500],
    ["input is larger than the max context size. skipping", 400],
    ["The input token count exceeds the maximum number of tokens allowed", 400],
    ["`inputs` must have less than 512 tokens. Given: 596", 413],
    ["Range of input length should be [1, 8192]", 400],
  ] as const) {
    it(`cuts a text that a provider calls too long with "${message}"`, async () => {
      const talk = startTalk([refusal(message, status), vectors(1)], OPTIONS);
      const [answer] = await talk.send("/api/embed", { input: "x".repeat(8) });
      assert.equal((answer?.["embeddings"] as unknown[]).length, 1);
      assert.deepEqual(talk.sent[1]?.["input"], ["xxxx"]);
    });
  }

  for (const [message, status] of [
    ["Request too large: limit of tokens per minute reached", 413],
    ["too many tokens", 429],
    ["out of memory", 500],
  ] as const) {
    it(`does not cut for "${message}" with ${status}`, async () => {
      const talk = startTalk([refusal(message, status)], OPTIONS);
      const [answer] = await talk.send("/api/embed", { input: "x" });
      assert.match(String(answer?.["error"]), new RegExp(message));
      assert.equal(talk.sent.length, 1);
    });
  }

  it("gives up on a text that is too long after six halvings", async () => {
    const long = refusal("maximum context length is 1 token");
    const talk = startTalk(Array<ScriptedAnswer>(9).fill(long), OPTIONS);
    const [answer] = await talk.send("/api/embed", { input: "x".repeat(640) });
    assert.deepEqual(answer, { error: "the input length exceeds the context length" });
    assert.deepEqual(
      talk.sent.map(({ input }) => (input as string[])[0]?.length),
      [640, 320, 160, 80, 40, 20, 10],
    );
  });

  it("leaves no half of a character where it cuts", async () => {
    const talk = startTalk([refusal("maximum context length"), vectors(1)], OPTIONS);
    await talk.send("/api/embed", { input: "a\u{1f600}bc" });
    assert.deepEqual(talk.sent[1]?.["input"], ["a\ufffd"]);
  });

  it("says 0 tokens where the provider counts none, since clients require the field", async () => {
    const talk = startTalk([json({ data: [{ index: 0, embedding: [1] }] })], OPTIONS);
    const [answer] = await talk.send("/api/embed", { input: "a" });
    assert.equal(answer?.["prompt_eval_count"], 0);
  });

  it("counts as loading the model, with an input and without", async () => {
    for (const input of ["a", ""]) {
      const talk = startTalk([vectors(1)], OPTIONS);
      await talk.send("/api/embed", { input });
      const { models } = JSON.parse((await talk.fetch("/api/ps")).text) as { models: object[] };
      assert.equal(models.length, 1);
    }
  });

  it("logs how many texts it embedded, and none of them", async () => {
    const { app, log } = createTestApp({ transport: createScriptedTransport(vectors(1, 2)) });
    const body = JSON.stringify({ model: "gpt-test", input: ["a secret", "another secret"] });
    await app(new Request("http://127.0.0.1:11434/api/embed", { method: "POST", body }));
    const { facts } = log.lines.find(({ message }) => message === "request done") ?? {};
    assert.equal(facts?.["inputs"], 2);
    assert.equal(facts["promptTokens"], 2);
    assert.equal(facts["provider"], "fake");
    assert.doesNotMatch(JSON.stringify(log.lines), /secret/);
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
    [
      "an unknown encoding",
      { input: "a", encoding_format: "hex" },
      'encoding_format "hex" is not supported: use "float" or "base64"',
    ],
  ] as [string, object, string][]) {
    it(`refuses ${name} in OpenAI's shape`, async () => {
      const answer = await startTalk([], OPTIONS).send("/v1/embeddings", body);
      assert.deepEqual(answer, [
        { error: { message, type: "invalid_request_error", param: null, code: null } },
      ]);
    });
  }

  for (const [name, model, message] of [
    ["no model", "", "model '' not found"],
    ["an unknown model", "nope", 'model "nope" not found, try pulling it first'],
  ] as const) {
    it(`says what Ollama's own route says about ${name}, with 404`, async () => {
      const talk = startTalk([], OPTIONS);
      const body = JSON.stringify({ model, input: "a" });
      const { status, text } = await talk.fetch("/v1/embeddings", { method: "POST", body });
      assert.equal(status, 404);
      assert.deepEqual(JSON.parse(text), {
        error: { message, type: "not_found_error", param: null, code: null },
      });
    });
  }

  it("embeds an empty text, and numbers the vectors in the order of the inputs", async () => {
    const talk = startTalk([vectors(1), vectors(1, 2)], OPTIONS);
    await talk.send("/v1/embeddings", { input: "" });
    assert.deepEqual(talk.sent[0]?.["input"], [" "]);
    const [answer] = await talk.send("/v1/embeddings", { input: ["a", "b"] });
    const data = answer?.["data"] as { index: number; embedding: number[] }[];
    assert.deepEqual(
      data.map(({ index, embedding }) => [index, embedding[0]]),
      [
        [0, 1],
        [1, 2],
      ],
    );
  });

  it("gives as few dimensions as the client asks for, also where the provider gives more", async () => {
    const talk = startTalk([vectors(3)], OPTIONS);
    const [answer] = await talk.send("/v1/embeddings", { input: "a", dimensions: 1 });
    assert.deepEqual((answer?.["data"] as { embedding: number[] }[])[0]?.embedding, [1]);
    assert.equal(talk.sent[0]?.["dimensions"], 1);
  });
});
