import assert from "node:assert/strict";
import { FAMILIES } from "../../src/translate/fim-tokens.ts";
import { startTalk, type TalkOptions } from "../support/conversation.ts";
import type { ScriptedAnswer } from "../support/scripted-transport.ts";
import { P, PROMPTS, S } from "./prompts.ts";

/** A provider that has one way to fill a hole, and how it answers. */
interface Way {
  name: string;
  options: TalkOptions;
  model: string;
  url: string;
  answer(pieces: string[], stream: boolean): ScriptedAnswer;
}

function sse(events: object[]): ScriptedAnswer {
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  return { body: Buffer.from(`${text}data: [DONE]\n\n`) };
}

function json(body: object, status = 200): ScriptedAnswer {
  return { status, body: Buffer.from(JSON.stringify(body)) };
}

function completion(pieces: string[], stream: boolean): ScriptedAnswer {
  if (!stream)
    return json({ choices: [{ index: 0, text: pieces.join(""), finish_reason: "stop" }] });
  const events = pieces.map((text) => ({ choices: [{ index: 0, text, finish_reason: null }] }));
  return sse([...events, { choices: [{ index: 0, text: "", finish_reason: "stop" }] }]);
}

function chat(pieces: string[], stream: boolean): ScriptedAnswer {
  if (!stream) {
    const message = { role: "assistant", content: pieces.join("") };
    return json({ choices: [{ index: 0, message, finish_reason: "stop" }] });
  }
  const events = pieces.map((content) => ({
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  }));
  return sse([...events, { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }]);
}

function infill(pieces: string[], stream: boolean): ScriptedAnswer {
  if (!stream) return json({ content: pieces.join(""), stop: true, tokens_predicted: 3 });
  const events = pieces.map((content) => ({ content, stop: false }));
  return sse([...events, { content: "", stop: true, tokens_predicted: 3, tokens_evaluated: 9 }]);
}

const WAYS: Way[] = [
  {
    name: "Mistral's own route",
    options: { baseUrl: "https://api.mistral.ai/v1", models: ["codestral-latest"] },
    model: "codestral-latest",
    url: "https://api.mistral.ai/v1/fim/completions",
    answer: chat,
  },
  {
    name: "DeepSeek's beta route",
    options: { baseUrl: "https://api.deepseek.com/v1", models: ["deepseek-chat"] },
    model: "deepseek-chat",
    url: "https://api.deepseek.com/beta/completions",
    answer: completion,
  },
  {
    name: "/completions with a suffix",
    options: { baseUrl: "https://provider.test/v1", models: ["gpt-3.5-turbo-instruct"] },
    model: "gpt-3.5-turbo-instruct",
    url: "https://provider.test/v1/completions",
    answer: completion,
  },
  {
    name: "llama.cpp's /infill",
    options: {
      baseUrl: "http://127.0.0.1:8080/v1",
      models: [{ id: "qwen2.5-coder-7b", owned_by: "llamacpp" }],
    },
    model: "qwen2.5-coder-7b",
    url: "http://127.0.0.1:8080/infill",
    answer: infill,
  },
  {
    name: "/completions with the model's tokens",
    options: { baseUrl: "https://openrouter.ai/api/v1", models: ["qwen/qwen3-coder"] },
    model: "qwen/qwen3-coder",
    url: "https://openrouter.ai/api/v1/completions",
    answer: completion,
  },
  {
    name: "a chat about the hole",
    options: { baseUrl: "https://api.groq.com/openai/v1", models: ["llama-3.3-70b"] },
    model: "llama-3.3-70b",
    url: "https://api.groq.com/openai/v1/chat/completions",
    answer: chat,
  },
];

/** Answers that do not only fill the hole, of which `a + b` is left. */
const MISBEHAVIOURS: [name: string, answer: string][] = [
  ["is as it should be", "a + b"],
  ["stands in a fence", "```js\na + b\n```"],
  ["talks", "Sure, here is the code:\n```js\na + b\n```\nThis adds them."],
  ["repeats the line before", "  return a + b"],
  ["goes on with the text behind", `a + b${S}`],
  ["goes on with a part of it", "a + b;\n}\n"],
  ["leaks a token", "a + b<|endoftext|>junk"],
];

function textOf(lines: Record<string, unknown>[]): string {
  return lines
    .map(({ response, choices }) => {
      const [choice] = (choices ?? []) as { text: string }[];
      return (response ?? choice?.text ?? "") as string;
    })
    .join("");
}

function foreignTokens(sent: string, own: string | undefined): string[] {
  return FAMILIES.filter(({ id }) => id !== own)
    .flatMap(({ prefix, suffix }) => [prefix, suffix])
    .filter((token) => sent.includes(JSON.stringify(token).slice(1, -1)));
}

for (const way of WAYS) {
  describe(`a hole, filled by ${way.name}`, () => {
    for (const { client, prompt, suffix, prefix, behind } of PROMPTS) {
      it(`comes from ${client}`, async () => {
        const talk = startTalk([way.answer(["a ", "+ b"], true)], way.options);
        const lines = await talk.send("/api/generate", {
          model: way.model,
          prompt,
          suffix,
          raw: true,
        });
        assert.deepEqual(talk.paths, [way.url]);
        assert.equal(textOf(lines), "a + b");
        const sent = JSON.stringify(talk.sent[0]);
        for (const part of [prefix, behind]) {
          assert.ok(sent.includes(JSON.stringify(part).slice(1, -1)), `${part} is not in ${sent}`);
        }
        if (client !== "an earlier hole in the context") {
          const own = way.name.includes("tokens") ? "qwen" : undefined;
          assert.deepEqual(foreignTokens(sent, own), []);
        }
      });
    }

    for (const [name, answer] of MISBEHAVIOURS) {
      it(`is clean though the answer ${name}, streamed or not, whole or in letters`, async () => {
        for (const pieces of [[answer], Array.from(answer)]) {
          for (const stream of [true, false]) {
            const talk = startTalk([way.answer(pieces, stream)], way.options);
            const asked = { model: way.model, prompt: P, suffix: S, stream };
            const lines = await talk.send("/api/generate", asked);
            assert.equal(textOf(lines), "a + b");
            assert.deepEqual(
              [lines.at(-1)?.["done"], lines.at(-1)?.["done_reason"]],
              [true, "stop"],
            );
          }
        }
      });
    }

    it("has few tokens unless the client wants more, all of its stops, and no thinking", async () => {
      const stops = ["\n\n", "one", "two", "three", "<|fim_middle|>", "b"];
      const talk = startTalk(
        [way.answer(["a ", "+ b + c"], true), way.answer(["a"], true)],
        way.options,
      );
      const lines = await talk.send("/api/generate", {
        model: way.model,
        prompt: P,
        suffix: S,
        options: { stop: stops, temperature: 0.1 },
      });
      assert.equal(textOf(lines), "a + ");
      const [sent = {}] = talk.sent;
      const limit = sent["max_tokens"] ?? sent["n_predict"] ?? sent["max_completion_tokens"];
      assert.equal(limit, 256);
      assert.ok(!JSON.stringify(sent).includes("think"), JSON.stringify(sent));
      await talk.send("/api/generate", {
        model: way.model,
        prompt: P,
        suffix: S,
        options: { num_predict: 20 },
      });
      const more = talk.sent[1] ?? {};
      assert.equal(more["max_tokens"] ?? more["n_predict"] ?? more["max_completion_tokens"], 20);
    });

    it("is filled on /v1/completions, too, by suffix or by tokens", async () => {
      for (const hole of [
        { prompt: P, suffix: S },
        { prompt: `<fim_prefix>${P}<fim_suffix>${S}<fim_middle>` },
      ]) {
        for (const stream of [true, false]) {
          const talk = startTalk([way.answer(["a ", "+ b"], stream)], way.options);
          const lines = await talk.send("/v1/completions", { model: way.model, ...hole, stream });
          assert.equal(textOf(lines), "a + b");
          assert.deepEqual(talk.paths, [way.url]);
        }
      }
    });
  });
}

const REFUSED = json({ error: { message: "suffix is not currently supported" } }, 400);
const NO_ROUTE = json({ error: { message: "Not Found" } }, 404);

describe("a way that the provider refuses", () => {
  const options = { baseUrl: "https://provider.test/v1", models: ["qwen2.5-coder"] };
  const ask = { model: "qwen2.5-coder", prompt: P, suffix: S };

  it("is followed by the next, and not tried again", async () => {
    const talk = startTalk(
      [REFUSED, completion(["a + b"], true), completion(["a + b"], true)],
      options,
    );
    assert.equal(textOf(await talk.send("/api/generate", ask)), "a + b");
    assert.equal(textOf(await talk.send("/api/generate", ask)), "a + b");
    assert.equal(talk.sent.length, 3);
    assert.equal(talk.sent[0]?.["suffix"], S);
    for (const sent of talk.sent.slice(1)) {
      assert.equal(sent["suffix"], undefined);
      assert.match(
        String(sent["prompt"]),
        /<\|fim_prefix\|>[^]*<\|fim_suffix\|>[^]*<\|fim_middle\|>$/,
      );
    }
  });

  it("ends in a chat where there is no other", async () => {
    const talk = startTalk([NO_ROUTE, NO_ROUTE, chat(["a + b"], true)], options);
    assert.equal(textOf(await talk.send("/api/generate", ask)), "a + b");
    assert.deepEqual(
      talk.paths.map((path) => path.replace("https://provider.test", "")),
      ["/v1/completions", "/v1/completions", "/v1/chat/completions"],
    );
  });

  it("is tried again when nothing else worked either: then it was the request", async () => {
    const talk = startTalk([REFUSED, REFUSED, REFUSED, completion(["a + b"], true)], options);
    const [line] = await talk.send("/api/generate", ask);
    assert.match(String(line?.["error"]), /not currently supported/);
    assert.equal(textOf(await talk.send("/api/generate", ask)), "a + b");
    assert.equal(talk.sent[3]?.["suffix"], S);
  });

  it("is not what a wrong key or a busy provider means", async () => {
    for (const [status, told] of [
      [401, 401],
      [429, 429],
      [503, 503],
    ] as const) {
      const talk = startTalk([json({ error: { message: "No." } }, status)], options);
      const [line] = await talk.send("/api/generate", ask);
      assert.match(String(line?.["error"]), /No\./, String(told));
      assert.equal(talk.sent.length, 1);
    }
  });

  it("tells an answer that breaks off as such", async () => {
    const body = Buffer.from('data: {"choices":[{"index":0,"text":"a "}]}\n\n');
    const talk = startTalk([{ body, cut: true }], options);
    const lines = await talk.send("/api/generate", ask);
    assert.deepEqual(Object.keys(lines.at(-1) ?? {}), ["error"]);
  });
});
