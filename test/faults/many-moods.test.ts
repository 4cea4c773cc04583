import assert from "node:assert/strict";
import { startTalk, streamOf } from "../support/conversation.ts";
import type { ScriptedAnswer } from "../support/scripted-transport.ts";

const BASE = { baseUrl: "https://provider.test/v1" };
const messages = [{ role: "user", content: "Hi" }];

function refusal(status: number, message: string): ScriptedAnswer {
  return { status, body: Buffer.from(JSON.stringify({ error: { message } })) };
}

function json(body: object): ScriptedAnswer {
  return { body: Buffer.from(JSON.stringify(body)) };
}

describe("a field that a model refuses", () => {
  const UNKNOWN = refusal(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.");
  const ask = { messages, options: { num_predict: 5 } };

  it("is said otherwise, once, and from then on", async () => {
    const talk = startTalk([UNKNOWN, streamOf({ content: "a" }), streamOf({ content: "b" })], BASE);
    assert.equal((await talk.send("/api/chat", ask)).at(-1)?.["done"], true);
    await talk.send("/api/chat", ask);
    const limits = talk.sent.map(({ max_tokens, max_completion_tokens }) => [
      max_tokens,
      max_completion_tokens,
    ]);
    assert.deepEqual(limits, [
      [5, undefined],
      [undefined, 5],
      [undefined, 5],
    ]);
    const line = talk.log.lines.find(({ message }) => /refused/.test(message));
    assert.equal(line?.facts["model"], "gpt-test");
    assert.match(String(line.facts["learned"]), /max_completion_tokens/);
  });

  it("is not tried a third time, and nothing is remembered, where that does not help", async () => {
    const talk = startTalk([UNKNOWN, UNKNOWN, streamOf({ content: "a" })], BASE);
    const { status } = await talk.fetch("/api/chat", {
      method: "POST",
      body: JSON.stringify({ model: "gpt-test", ...ask }),
    });
    assert.equal(status, 400);
    await talk.send("/api/chat", ask);
    assert.equal(talk.sent.length, 3);
    assert.equal(talk.sent[2]?.["max_tokens"], 5);
  });

  it("is learned in one piece, on /v1, and for a hole in code too", async () => {
    const whole = json({ choices: [{ message: { content: "a" }, finish_reason: "stop" }] });
    for (const [path, body] of [
      ["/api/chat", { ...ask, stream: false }],
      ["/v1/chat/completions", { messages, max_tokens: 5 }],
    ] as const) {
      const talk = startTalk([UNKNOWN, whole], BASE);
      const [answer] = await talk.send(path, body);
      assert.equal(answer?.["error"], undefined);
      assert.equal(talk.sent[1]?.["max_completion_tokens"], 5);
    }
    const noUsage = refusal(422, "stream_options: Extra inputs are not permitted");
    const talk = startTalk([noUsage, streamOf({ content: "b()" })], BASE);
    await talk.send("/api/generate", { prompt: "a(", suffix: ")" });
    assert.deepEqual(
      talk.paths.map((path) => new URL(path).pathname),
      ["/v1/completions", "/v1/completions"],
      "the way stays the same",
    );
    assert.equal(talk.sent[1]?.["stream_options"], undefined);
  });

  it("leaves stop strings to the bridge", async () => {
    const noStop = refusal(400, "Unsupported parameter: 'stop' is not supported with this model.");
    const talk = startTalk([noStop, streamOf({ content: "one END two" })], BASE);
    const lines = await talk.send("/api/chat", { messages, options: { stop: ["END"] } });
    const text = lines.map(({ message }) => (message as { content: string }).content).join("");
    assert.equal(text, "one ");
    assert.equal(talk.sent[1]?.["stop"], undefined);
  });

  it("is asked for in words where it was a format", async () => {
    const noFormat = refusal(400, "'response_format' of type json_schema is not supported");
    const talk = startTalk([noFormat, streamOf({ content: "{}" })], BASE);
    await talk.send("/api/chat", { messages, format: { type: "object" } });
    assert.deepEqual(talk.sent[1]?.["response_format"], { type: "json_object" });
    assert.match(JSON.stringify(talk.sent[1]["messages"]), /JSON Schema/);
  });
});

describe("a prompt that is too long", () => {
  const tooLong = refusal(
    400,
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
  );

  for (const path of ["/api/chat", "/v1/chat/completions"]) {
    it(`is told in one sentence with both numbers: ${path}`, async () => {
      const talk = startTalk([tooLong], BASE);
      const { status, text } = await talk.fetch(path, {
        method: "POST",
        body: JSON.stringify({ model: "gpt-test", messages }),
      });
      assert.equal(status, 400);
      assert.match(
        text,
        /fake: the prompt has 9000 tokens, and the model's context holds 8192\. Shorten/,
      );
    });
  }

  it("corrects what /api/show and /api/tags tell", async () => {
    const models = [{ id: "gpt-test", context_length: 128_000 }];
    const talk = startTalk([tooLong], { ...BASE, models });
    const lengthShown = async () => {
      const [shown] = await talk.send("/api/show", { model: "gpt-test" });
      return (shown?.["model_info"] as Record<string, unknown>)["gpt.context_length"];
    };
    assert.equal(await lengthShown(), 128_000);
    await talk.send("/api/chat", { messages });
    assert.equal(await lengthShown(), 8192);
    assert.match((await talk.fetch("/api/tags")).text, /"context_length":8192/);
  });
});

describe("a key that the provider refuses", () => {
  const wrongKey = refusal(401, "Incorrect API key");

  it("is no sign-in at ollama.com on Ollama's own routes", async () => {
    for (const [path, body] of [
      ["/api/chat", { messages }],
      ["/api/generate", { prompt: "Hi" }],
      ["/api/embed", { input: "Hi" }],
    ] as const) {
      const talk = startTalk([wrongKey], BASE);
      const { status, text } = await talk.fetch(path, {
        method: "POST",
        body: JSON.stringify({ model: "gpt-test", ...body }),
      });
      assert.equal(status, 502, path);
      assert.match(text, /fake: the API key was refused\. Set a valid one for \\"fake\\"/);
      assert.doesNotMatch(text, /sign.?in|unauthorized|ollama/i);
    }
  });

  it("is 401 where clients of OpenAI expect it", async () => {
    const talk = startTalk([wrongKey], BASE);
    const body = JSON.stringify({ model: "gpt-test", messages });
    assert.equal((await talk.fetch("/v1/chat/completions", { method: "POST", body })).status, 401);
  });
});

describe("an answer that is asked for again", () => {
  const ask = { messages, options: { temperature: 0 } };
  const auto = { ...BASE, cacheMode: "auto" as const };
  const post = (body: object) => ({ method: "POST", body: JSON.stringify(body) });
  const chat = (body: object = ask) => post({ model: "gpt-test", ...body });
  const withoutTimes = (text: string) =>
    text.replaceAll(/"\w+_(duration|at)":("[^"]*"|\d+),?/g, "");

  it("comes out of the cache, the same but for its times, and says so", async () => {
    const talk = startTalk([streamOf({ content: "a" }, { content: "b" })], auto);
    const first = await talk.fetch("/api/chat", chat());
    const second = await talk.fetch("/api/chat", chat());
    assert.equal(talk.sent.length, 1);
    assert.equal(first.headers.get("x-llama-bridge-cache"), "miss");
    assert.equal(second.headers.get("x-llama-bridge-cache"), "hit");
    assert.equal(withoutTimes(second.text), withoutTimes(first.text));
    assert.equal(second.text.split("\n").length, 4, "a stream stays one");
    assert.equal(talk.log.lines.at(-1)?.facts["cache"], "hit");
    assert.equal(talk.meters.snapshot().sinceStart.cacheHits, 1);
  });

  it("is given in one piece to whoever wants that, and on the other API", async () => {
    const talk = startTalk([streamOf({ content: "a" }, { content: "b" })], auto);
    await talk.fetch("/api/chat", chat());
    const whole = await talk.fetch("/api/chat", chat({ ...ask, stream: false }));
    assert.match(whole.text, /"content":"ab"/);
    const other = await talk.fetch("/v1/chat/completions", chat({ messages, temperature: 0 }));
    assert.match(other.text, /"content":"ab"/);
    assert.equal(talk.sent.length, 1);
  });

  const NOT_KEPT: [string, object, ScriptedAnswer][] = [
    ["an answer that may differ", { messages }, streamOf({ content: "a" })],
    ["an error", ask, refusal(400, "no")],
    [
      "an answer that broke off",
      ask,
      {
        ...streamOf(),
        body: Buffer.from('data: {"choices":[{"delta":{"content":"a"}}]}\n\n'),
        cut: true,
      },
    ],
    [
      "an answer without an end",
      ask,
      { body: Buffer.from('data: {"choices":[{"delta":{"content":"a"}}]}\n\n') },
    ],
    [
      "a call of a tool that nobody can read",
      ask,
      streamOf({
        tool_calls: [{ index: 0, id: "abcdefghi", function: { name: "f", arguments: "{[" } }],
      }),
    ],
  ];
  for (const [name, body, answer] of NOT_KEPT) {
    it(`is not kept: ${name}`, async () => {
      const talk = startTalk([answer, streamOf({ content: "b" })], auto);
      await talk.fetch("/api/chat", chat(body));
      await talk.fetch("/api/chat", chat(body));
      assert.equal(talk.sent.length, 2);
    });
  }

  it("is always kept for a hole in code, and shared while it is under way", async () => {
    const hole = post({ model: "gpt-test", prompt: "a(", suffix: ")" });
    const talk = startTalk([streamOf({ content: "b" })], auto);
    const both = await Promise.all([1, 2].map(() => talk.fetch("/api/generate", hole)));
    assert.equal(withoutTimes(both[0]?.text ?? ""), withoutTimes(both[1]?.text ?? "x"));
    await talk.fetch("/api/generate", hole);
    assert.equal(talk.sent.length, 1);
  });

  it("is kept or not as the setting says", async () => {
    const off = startTalk([streamOf({ content: "a" }), streamOf({ content: "b" })], BASE);
    const first = await off.fetch("/api/chat", chat());
    await off.fetch("/api/chat", chat());
    assert.equal(off.sent.length, 2);
    assert.equal(first.headers.get("x-llama-bridge-cache"), null);
    const all = startTalk([streamOf({ content: "a" })], { ...BASE, cacheMode: "all" });
    await all.fetch("/api/chat", chat({ messages }));
    await all.fetch("/api/chat", chat({ messages }));
    assert.equal(all.sent.length, 1);
  });
});

describe("a request's id", () => {
  const chat = (headers: Record<string, string> = {}) => ({
    method: "POST",
    headers,
    body: JSON.stringify({ model: "gpt-test", messages }),
  });

  it("is the client's own, in the answer and in each line of the log", async () => {
    const talk = startTalk(
      [refusal(400, "Unsupported parameter: 'stream_options'"), streamOf({ content: "a" })],
      BASE,
    );
    const { headers } = await talk.fetch("/api/chat", chat({ "x-request-id": "mine-1" }));
    assert.equal(headers.get("x-request-id"), "mine-1");
    const lines = talk.log.lines.filter(({ message }) => message !== "models listed");
    assert.ok(lines.length >= 3);
    for (const { facts } of lines) assert.equal(facts["id"], "mine-1");
  });

  it("is one of ours where the client has none, or none that a header could carry back", async () => {
    for (const id of [undefined, "x".repeat(200), "a b"]) {
      const talk = startTalk([streamOf({ content: "a" })], BASE);
      const answer = await talk.fetch(
        "/api/chat",
        chat(id === undefined ? {} : { "x-request-id": id }),
      );
      assert.match(answer.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    }
  });

  it("is in errors too", async () => {
    const talk = startTalk([], BASE);
    const { headers, status } = await talk.fetch("/api/chat", { method: "POST", body: "{" });
    assert.equal(status, 400);
    assert.ok(headers.get("x-request-id"));
  });
});

describe("headers in the log", () => {
  it("are there at debug, without what is secret", async () => {
    const talk = startTalk([], BASE);
    const headers = {
      authorization: "Bearer secret-1",
      "x-api-key": "secret-2",
      cookie: "secret-3",
      "x-auth-token": "secret-4",
      "user-agent": "a client",
    };
    await talk.fetch("/api/version", { headers });
    const line = talk.log.lines.find(({ level }) => level === "debug");
    assert.match(String(line?.facts["headers"]), /user-agent: a client/);
    assert.doesNotMatch(JSON.stringify(talk.log.lines), /secret-/);
  });
});

describe("an alias", () => {
  it("gives each request what it says, where the request says nothing", async () => {
    const aliases = {
      helper: {
        model: "gpt-test",
        options: { temperature: 0.1, top_p: 0.5 },
        think: "high" as const,
        system: "Be brief.",
      },
    };
    const talk = startTalk([streamOf({ content: "a" }), streamOf({ content: "b" })], {
      ...BASE,
      aliases,
    });
    const lines = await talk.send("/api/chat", {
      model: "Helper",
      messages,
      options: { top_p: 0.9 },
    });
    assert.equal(lines[0]?.["model"], "Helper");
    const [sent] = talk.sent;
    assert.equal(sent?.["model"], "gpt-test");
    assert.deepEqual(
      [sent["temperature"], sent["top_p"], sent["reasoning_effort"]],
      [0.1, 0.9, "high"],
    );
    assert.deepEqual(sent["messages"], [{ role: "system", content: "Be brief." }, ...messages]);
    await talk.send("/v1/chat/completions", { model: "helper:latest", messages, temperature: 1 });
    assert.deepEqual(
      [talk.sent[1]?.["temperature"], talk.sent[1]?.["reasoning_effort"]],
      [1, "high"],
    );
  });

  it("is listed and shown like any model", async () => {
    const aliases = { helper: "gpt-test" };
    const talk = startTalk([], { ...BASE, aliases });
    assert.match((await talk.fetch("/api/tags")).text, /"name":"helper:latest"/);
    const [shown] = await talk.send("/api/show", { model: "helper" });
    assert.match(String(shown?.["modelfile"]), /FROM gpt-test/);
    const info = shown?.["model_info"] as Record<string, unknown>;
    assert.equal(info["general.basename"], "helper");
  });

  it("asks the next of its chain when one fails before its first word", async () => {
    const aliases = { either: ["gpt-test", "gpt-other"] };
    const options = { ...BASE, aliases, models: ["gpt-test", "gpt-other"] };
    for (const failure of [
      refusal(500, "down"),
      refusal(401, "no"),
      refusal(429, "slow down"),
      { body: Buffer.from('data: {"error":{"message":"overloaded","code":503}}\n\n') },
      { body: Buffer.alloc(0), cut: true },
    ]) {
      const talk = startTalk([failure, streamOf({ content: "b" })], options);
      const lines = await talk.send("/api/chat", { model: "either", messages });
      assert.deepEqual(
        talk.sent.map(({ model }) => model),
        ["gpt-test", "gpt-other"],
      );
      assert.equal(lines.at(-1)?.["done"], true);
      assert.equal(lines[0]?.["model"], "either");
    }
  });

  it("does not ask the next one in the middle of an answer", async () => {
    const aliases = { either: ["gpt-test", "gpt-other"] };
    const body = Buffer.from('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    const talk = startTalk([{ body, cut: true }], {
      ...BASE,
      aliases,
      models: ["gpt-test", "gpt-other"],
    });
    const lines = await talk.send("/api/chat", { model: "either", messages });
    assert.deepEqual(Object.keys(lines.at(-1) ?? {}), ["error"]);
    assert.equal(talk.sent.length, 1);
  });

  it("tells what each of its chain said, where all fail", async () => {
    const aliases = { either: ["gpt-test", "gpt-other"] };
    const options = { ...BASE, aliases, models: ["gpt-test", "gpt-other"] };
    const talk = startTalk(
      [refusal(503, "first is down"), refusal(402, "second is poor")],
      options,
    );
    const { status, text } = await talk.fetch("/api/chat", {
      method: "POST",
      body: JSON.stringify({ model: "either", messages }),
    });
    assert.equal(status, 503);
    assert.match(
      text,
      /No model of the alias answered\. fake: first is down.* \| fake: second is poor/,
    );
  });

  it("that leads back to itself is told", async () => {
    const talk = startTalk([], { ...BASE, aliases: { a: "b", b: "a" } });
    const { status, text } = await talk.fetch("/api/chat", {
      method: "POST",
      body: JSON.stringify({ model: "a", messages }),
    });
    assert.equal(status, 400);
    assert.match(text, /the alias '[ab]' leads back to itself\. Change the setting aliases/);
  });
});
