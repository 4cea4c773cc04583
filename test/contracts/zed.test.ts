import assert from "node:assert/strict";
import {
  deltas,
  jsonOf,
  MODEL,
  openStage,
  TOOLS,
  TWO_CALLS,
  THOUGHTFUL,
  type Stage,
} from "./stage.ts";

/** Zed (clients.md 1.10) reads by serde: a missing or mistyped field empties the list or ends the answer. */
type Kind = "string" | "boolean" | "number" | "object";

function need(
  value: unknown,
  fields: Record<string, Kind>,
  where: string,
): Record<string, unknown> {
  assert.ok(typeof value === "object" && value !== null, where);
  const record = value as Record<string, unknown>;
  for (const [name, kind] of Object.entries(fields))
    assert.equal(typeof record[name], kind, `${where}.${name}`);
  return record;
}

/** Zed before 0.212 read only the first call of a line. */
function callsIn(message: Record<string, unknown>): Record<string, unknown>[] {
  const calls = (message["tool_calls"] ?? []) as unknown[];
  return calls.slice(0, 1).map((call) => {
    const { function: called } = need(call, { function: "object" }, "tool_call");
    return need(called, { name: "string", arguments: "object" }, "function");
  });
}

describe("Zed", () => {
  let stage: Stage;

  before(async () => {
    stage = await openStage();
  });

  after(() => stage.close());

  async function chat(body: object = {}): Promise<Record<string, unknown>[]> {
    const response = await stage.post("/api/chat", {
      model: `${MODEL}:latest`,
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      keep_alive: -1,
      options: { num_ctx: 16_384, stop: [], temperature: 1 },
      tools: [],
      ...body,
    });
    const text = await response.text();
    return text
      .slice(0, -1)
      .split("\n")
      .map((line) => {
        const read = need(
          JSON.parse(line),
          { model: "string", created_at: "string", done: "boolean", message: "object" },
          "line",
        );
        const message = need(read["message"], { role: "string", content: "string" }, "message");
        assert.equal(message["role"], "assistant");
        return message;
      });
  }

  it("reads every entry of the list", async () => {
    const { models } = await jsonOf<{ models: unknown[] }>(stage.get("/api/tags"));
    assert.ok(models.length > 0);
    for (const model of models) {
      const entry = need(
        model,
        {
          name: "string",
          modified_at: "string",
          size: "number",
          digest: "string",
          details: "object",
        },
        "model",
      );
      assert.ok(Number.isInteger(entry["size"]) && Number(entry["size"]) >= 0, "size is a u64");
      need(
        entry["details"],
        {
          format: "string",
          family: "string",
          parameter_size: "string",
          quantization_level: "string",
        },
        "details",
      );
    }
  });

  it("asks for five models at a time, and one failure would end it", async () => {
    const { models } = await jsonOf<{ models: { name: string }[] }>(stage.get("/api/tags"));
    for (const { name } of models) {
      const shown = need(
        await jsonOf(stage.post("/api/show", { model: name })),
        { capabilities: "object", model_info: "object" },
        "show",
      );
      assert.ok(Array.isArray(shown["capabilities"]));
    }
  });

  it("reads every line of an answer, of thinking, and of tool calls", async () => {
    stage.provider.answer = deltas([{ content: "Hello" }]);
    assert.equal((await chat()).map(({ content }) => content).join(""), "Hello");
    stage.provider.answer = THOUGHTFUL;
    const thinking = (await chat()).map((message) => (message["thinking"] ?? "") as string);
    assert.equal(thinking.join(""), "Let me see.");
    stage.provider.answer = TWO_CALLS;
    const calls = (await chat({ tools: TOOLS })).flatMap(callsIn);
    assert.deepEqual(
      calls.map((call) => call["arguments"]),
      [{ city: "Paris" }, { city: "Rome" }],
    );
  });

  it("names the tool of each result, and nothing else", async () => {
    stage.provider.answer = deltas([{ content: "Warm." }]);
    const call = (city: string) => ({ function: { name: "get_weather", arguments: { city } } });
    await chat({
      messages: [
        { role: "user", content: "Weather?" },
        { role: "assistant", content: "", tool_calls: [call("Paris"), call("Rome")] },
        { role: "tool", tool_name: "get_weather", content: "18 C" },
        { role: "tool", tool_name: "get_weather", content: "22 C" },
      ],
    });
    const messages = stage.sent()["messages"] as {
      tool_calls?: { id: string }[];
      tool_call_id?: string;
    }[];
    assert.deepEqual(
      messages.slice(2).map(({ tool_call_id }) => tool_call_id),
      messages[1]?.tool_calls?.map(({ id }) => id),
    );
  });

  it("predicts edits in one piece", async () => {
    stage.provider.answer = (response) => {
      response.setHeader("content-type", "application/json");
      response.end('{"choices":[{"index":0,"text":"a + b","finish_reason":"stop"}]}');
    };
    const prediction = await jsonOf(
      stage.post("/api/generate", {
        model: MODEL,
        prompt: "<|fim_prefix|>return <|fim_suffix|>;\n<|fim_middle|>",
        raw: true,
        stream: false,
        options: { num_predict: 64, temperature: 0.2, stop: ["<|endoftext|>", "<|fim_prefix|>"] },
      }),
    );
    assert.equal(
      need(prediction, { response: "string", created_at: "string" }, "prediction")["response"],
      "a + b",
    );
  });
});
