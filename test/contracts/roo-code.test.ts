import assert from "node:assert/strict";
import * as z from "zod";
import { jsonOf, MODEL, openStage, TOOLS, TWO_CALLS, type Stage } from "./stage.ts";

/** Roo Code 3.52 and legacy Kilo Code (clients.md 1.5): the list and every model before each chat, read by zod. */
const details = z.looseObject({
  family: z.string(),
  families: z.nullable(z.array(z.string())),
  format: z.optional(z.string()),
  parameter_size: z.string(),
});

const listed = z.looseObject({
  name: z.string(),
  model: z.string(),
  details,
  digest: z.optional(z.string()),
  modified_at: z.optional(z.string()),
  size: z.optional(z.number()),
});

const shown = z.looseObject({
  details,
  model_info: z.record(z.string(), z.unknown()),
  capabilities: z.optional(z.array(z.string())),
});

describe("Roo Code", () => {
  let stage: Stage;

  before(async () => {
    stage = await openStage();
  });

  after(() => stage.close());

  it("reads the list and every model at once, and one bad entry would fail all", async () => {
    const { models } = z
      .looseObject({ models: z.array(listed) })
      .parse(await jsonOf(stage.get("/api/tags")));
    const all = await Promise.all(
      models.map(async ({ name }) =>
        shown.parse(await jsonOf(stage.post("/api/show", { model: name }))),
      ),
    );
    const usable = all.filter(({ capabilities }) => capabilities?.includes("tools"));
    assert.equal(usable.length, 2, "the chat models, and not the one for embeddings");
    const contexts = all.map(({ model_info }) =>
      Object.entries(model_info).find(([key]) => key.includes("context_length")),
    );
    assert.ok(contexts.some((entry) => entry?.[1] === 128_000));
  });

  it("sends calls without ids and their results as the user's words", async () => {
    stage.provider.answer = TWO_CALLS;
    const ask = {
      model: MODEL,
      stream: true,
      tools: TOOLS,
      options: { temperature: 0, num_ctx: 128_000 },
    };
    const question = { role: "user", content: "Weather?" };
    const response = await stage.post("/api/chat", { ...ask, messages: [question] });
    const lines = (await response.text())
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { message: { content: string; tool_calls?: object[] } });
    const tool_calls = lines
      .flatMap(({ message }) => message.tool_calls ?? [])
      .map((call) => ({ function: (call as { function: object }).function }));
    assert.equal(tool_calls.length, 2);
    await stage.post("/api/chat", {
      ...ask,
      messages: [
        question,
        { role: "assistant", content: "", tool_calls },
        { role: "user", content: "18 C\n22 C" },
      ],
    });
    const messages = stage.sent()["messages"] as { role: string; content: string }[];
    assert.deepEqual(
      messages.map(({ role }) => role),
      ["user", "assistant", "tool", "tool", "user"],
    );
    assert.equal(messages.at(-1)?.content, "18 C\n22 C");
    assert.equal(stage.sent()["num_ctx"], undefined);
  });
});
