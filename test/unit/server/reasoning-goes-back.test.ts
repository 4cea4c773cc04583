import assert from "node:assert/strict";
import { startTalk, streamOf } from "../../support/conversation.ts";

const ASK = { role: "user", content: "Weather in Paris?" };
const NEXT = { role: "user", content: "And in Rome?" };
const CALL = {
  index: 0,
  id: "call_abc123XYZ",
  type: "function",
  function: { name: "get_weather", arguments: '{"city":"Paris"}' },
};
const RESULT = { role: "tool", content: "18 C" };

interface Sent {
  role: string;
  reasoning_content?: string;
  reasoning_details?: unknown[];
  tool_calls?: { extra_content?: unknown }[];
}

async function secondRequest(
  baseUrl: string,
  deltas: object[],
  history: object[],
): Promise<Sent[]> {
  const talk = startTalk([streamOf(...deltas), streamOf({ content: "ok" })], { baseUrl });
  await talk.send("/api/chat", { messages: [ASK] });
  await talk.send("/api/chat", { messages: [ASK, ...history] });
  return talk.sent[1]?.["messages"] as Sent[];
}

describe("reasoning that the client drops", () => {
  it("goes back to DeepSeek with the text that it led to", async () => {
    const messages = await secondRequest(
      "https://api.deepseek.com",
      [{ reasoning_content: "Let me" }, { reasoning_content: " see." }, { content: "It is 18 C." }],
      [{ role: "assistant", content: "It is 18 C." }, NEXT],
    );
    assert.equal(messages[1]?.reasoning_content, "Let me see.");
  });

  it("goes back with a tool call, whether the client keeps its id or not", async () => {
    for (const id of [{}, { id: "call_abc123XYZ" }]) {
      const call = { ...id, function: { name: "get_weather", arguments: { city: "Paris" } } };
      const messages = await secondRequest(
        "https://api.moonshot.ai/v1",
        [{ reasoning_content: "I need a tool." }, { tool_calls: [CALL] }],
        [{ role: "assistant", content: "", tool_calls: [call] }, RESULT],
      );
      assert.equal(messages[1]?.reasoning_content, "I need a tool.");
    }
  });

  it("does not go back to another answer of the same words", async () => {
    const messages = await secondRequest(
      "https://api.deepseek.com",
      [{ reasoning_content: "Let me see." }, { content: "Yes." }],
      [{ role: "assistant", content: "No." }, NEXT, { role: "assistant", content: "Yes." }, NEXT],
    );
    assert.equal(messages[1]?.reasoning_content ?? "", "");
    assert.equal(messages[3]?.reasoning_content ?? "", "");
  });

  it("is not told to a provider that refuses it", async () => {
    const messages = await secondRequest(
      "https://api.openai.com/v1",
      [{ reasoning_content: "Let me see." }, { content: "Yes." }],
      [{ role: "assistant", content: "Yes.", thinking: "Let me see." }, NEXT],
    );
    assert.deepEqual(messages[1], { role: "assistant", content: "Yes." });
  });

  it("is what the client returned, where it did", async () => {
    const messages = await secondRequest(
      "https://api.deepseek.com",
      [{ reasoning_content: "Let me see." }, { content: "Yes." }],
      [{ role: "assistant", content: "Yes.", thinking: "Its own words." }, NEXT],
    );
    assert.equal(messages[1]?.reasoning_content, "Its own words.");
  });

  it("goes back to OpenRouter as the list that was signed, put together", async () => {
    const details = (text: string, more = {}) => ({
      reasoning_details: [{ type: "reasoning.text", index: 0, format: "x", text, ...more }],
    });
    const messages = await secondRequest(
      "https://openrouter.ai/api/v1",
      [details("Let me"), details(" see."), details("", { signature: "abc" }), { content: "Yes." }],
      [{ role: "assistant", content: "Yes." }, NEXT],
    );
    assert.deepEqual(messages[1]?.reasoning_details, [
      { type: "reasoning.text", index: 0, format: "x", text: "Let me see.", signature: "abc" },
    ]);
  });

  it("carries Gemini's thought signatures with the calls, or Google's stand-in for one", async () => {
    const extra_content = { google: { thought_signature: "sig" } };
    const call = { function: { name: "get_weather", arguments: { city: "Paris" } } };
    const url = "https://generativelanguage.googleapis.com/v1beta/openai";
    const kept = await secondRequest(
      url,
      [{ tool_calls: [{ ...CALL, id: "", extra_content }] }],
      [{ role: "assistant", content: "", tool_calls: [call] }, RESULT],
    );
    assert.deepEqual(kept[1]?.tool_calls?.[0]?.extra_content, extra_content);
    const lost = await secondRequest(
      url,
      [{ content: "Hm." }],
      [{ role: "assistant", content: "", tool_calls: [call, call] }, RESULT, RESULT],
    );
    assert.deepEqual(
      lost[1]?.tool_calls?.map((sent) => sent.extra_content),
      [{ google: { thought_signature: "skip_thought_signature_validator" } }, undefined],
    );
  });
});

describe("thinking whose opening tag is missing", () => {
  it("is text at first and known from then on", async () => {
    const answer = streamOf({ content: "Let me see.\n" }, { content: "</think>\n\nYes." });
    const talk = startTalk([answer, answer], { baseUrl: "https://provider.test/v1" });
    const textsOf = async () => {
      const lines = await talk.send("/api/chat", { messages: [ASK] });
      const messages = lines.map(({ message }) => message as Record<string, string>);
      return ["thinking", "content"].map((name) =>
        messages.map((message) => message[name] ?? "").join(""),
      );
    };
    assert.deepEqual(await textsOf(), ["", "Let me see.\nYes."]);
    assert.deepEqual(await textsOf(), ["Let me see.", "Yes."]);
  });
});

describe("context", () => {
  it("continues the conversation that it carries", async () => {
    const talk = startTalk([streamOf({ content: "Hello, Ann." }), streamOf({ content: "Ann." })], {
      baseUrl: "https://provider.test/v1",
    });
    const first = await talk.send("/api/generate", { prompt: "I am Ann.", system: "Be brief." });
    const { context } = first.at(-1) as { context: number[] };
    assert.ok(context.length > 2 && context.every((one) => Number.isInteger(one) && one >= 0));
    await talk.send("/api/generate", { prompt: "Who am I?", context });
    assert.deepEqual(talk.sent[1]?.["messages"], [
      { role: "system", content: "Be brief." },
      { role: "user", content: "I am Ann." },
      { role: "assistant", content: "Hello, Ann." },
      { role: "user", content: "Who am I?" },
    ]);
  });
});
