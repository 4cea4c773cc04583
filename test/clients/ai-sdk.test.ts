import assert from "node:assert/strict";
import { embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import { createOllama as createOther } from "ai-sdk-ollama";
import { createOllama } from "ollama-ai-provider-v2";
import { within } from "../support/deadline.ts";
import {
  CITIES,
  EMBEDDER,
  FORECAST,
  HELLO,
  MODEL,
  openScene,
  PNG,
  SAY,
  THOUGHT,
  type Scene,
} from "./scene.ts";

type Model = Parameters<typeof generateText>[0]["model"];

/** What the SDK's two providers for Ollama have in common, and where they differ. */
interface Library {
  name: string;
  model(url: string): Model;
  /** Text generation, where the library has it. */
  completion?: (url: string) => Model;
  embedder(url: string): Parameters<typeof embedMany>[0]["model"];
  /** What surfaces of a refusal. */
  refused: RegExp;
  /** Whether an error line in mid-stream surfaces: v2 swallows it (clients.md 1.15). */
  tellsBreaks: boolean;
  /** Whether an abort closes the connection. ai-sdk-ollama only stops to read: the `ollama` package takes no signal. */
  hangsUp: boolean;
  /** v2 4.0.1 fails at bytes before it sends anything: it hands them to a function of the SDK that wants an object. */
  image: string | Buffer;
}

const LIBRARIES: Library[] = [
  {
    name: "ollama-ai-provider-v2",
    model: (url) => createOllama({ baseURL: `${url}/api` })(MODEL),
    completion: (url) => createOllama({ baseURL: `${url}/api` }).completion(MODEL),
    embedder: (url) => createOllama({ baseURL: `${url}/api` }).embedding(EMBEDDER),
    // It looks for `error.message` and shows HTTP's reason phrase instead.
    refused: /Bad Gateway/,
    tellsBreaks: false,
    hangsUp: true,
    image: PNG,
  },
  {
    name: "ai-sdk-ollama",
    model: (url) => createOther({ baseURL: url })(MODEL),
    embedder: (url) => createOther({ baseURL: url }).embedding(EMBEDDER),
    refused: /Incorrect API key/,
    tellsBreaks: true,
    hangsUp: false,
    image: Buffer.from(PNG, "base64"),
  },
];

const weather = tool({
  description: "Weather of a city",
  inputSchema: jsonSchema<{ city: string }>({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  }),
  execute: ({ city }) => Promise.resolve(city),
});

for (const library of LIBRARIES) {
  describe(library.name, () => {
    let scene: Scene;
    let model: Model;

    before(async () => {
      scene = await openScene();
      model = library.model(scene.url);
    });

    after(() => scene.close());

    it("chats, with counts", async () => {
      const { text, usage } = await generateText({ model, prompt: SAY.hello });
      assert.equal(text, HELLO);
      assert.deepEqual([usage.inputTokens, usage.outputTokens], [9, 4]);
    });

    it("streams", async () => {
      const { textStream } = streamText({ model, prompt: SAY.hello });
      let text = "";
      for await (const piece of textStream) text += piece;
      assert.equal(text, HELLO);
    });

    it("runs tools to the final answer", async () => {
      const { text, steps } = await generateText({
        model,
        prompt: SAY.weather,
        tools: { get_weather: weather },
        stopWhen: stepCountIs(3),
      });
      assert.deepEqual(
        steps[0]?.toolCalls.map(({ input }) => input),
        CITIES,
      );
      assert.equal(text, FORECAST);
    });

    it("runs tools in a stream", async () => {
      const { text } = streamText({
        model,
        prompt: SAY.weather,
        tools: { get_weather: weather },
        stopWhen: stepCountIs(3),
      });
      assert.equal(await text, FORECAST);
    });

    it("shows images", async () => {
      const content = [
        { type: "text" as const, text: SAY.image },
        { type: "image" as const, image: library.image, mediaType: "image/png" },
      ];
      const { text } = await generateText({ model, messages: [{ role: "user", content }] });
      assert.equal(text, "a pixel");
    });

    it("answers in a schema", async () => {
      const schema = jsonSchema<{ name: string; age: number }>({
        type: "object",
        properties: { name: { type: "string" }, age: { type: "number" } },
        required: ["name", "age"],
        additionalProperties: false,
      });
      const { output } = await generateText({
        model,
        prompt: SAY.person,
        output: Output.object({ schema }),
      });
      assert.deepEqual(output, { name: "Ann", age: 7 });
    });

    it("thinks", async () => {
      const { finalStep, text } = await generateText({
        model,
        prompt: SAY.think,
        providerOptions: { ollama: { think: true } },
      });
      assert.deepEqual([finalStep.reasoningText, text], [THOUGHT, HELLO]);
    });

    if (library.completion) {
      it("completes on /api/generate, of which every line needs a context", async () => {
        const completion = library.completion?.(scene.url) as Model;
        const { text } = await generateText({ model: completion, prompt: SAY.hello });
        assert.match(text, /wörld/);
        let streamed = "";
        const { textStream } = streamText({ model: completion, prompt: SAY.hello });
        for await (const piece of textStream) streamed += piece;
        assert.match(streamed, /wörld/);
      });
    }

    it("embeds", async () => {
      const { embeddings } = await embedMany({
        model: library.embedder(scene.url),
        values: ["a", "bcd"],
      });
      assert.deepEqual(
        embeddings.map((vector) => vector.length),
        [2, 2],
      );
    });

    it("tells what went wrong", async () => {
      const ask = (prompt: string) => generateText({ model, prompt, maxRetries: 0 });
      await assert.rejects(ask(SAY.wrongKey), library.refused);
      const errors: unknown[] = [];
      const { textStream } = streamText({
        model,
        prompt: SAY.breakOff,
        maxRetries: 0,
        onError: ({ error }) => errors.push(error),
      });
      let text = "";
      try {
        for await (const piece of textStream) text += piece;
      } catch (error) {
        errors.push(error);
      }
      assert.ok("Half".startsWith(text), "ai-sdk-ollama drops what it had when it throws");
      assert.equal(/out of memory/.test(errors.map(String).join()), library.tellsBreaks);
    });

    it("leaves when it is aborted", async () => {
      const controller = new AbortController();
      const { textStream } = streamText({
        model,
        prompt: SAY.wait,
        abortSignal: controller.signal,
        onError: () => undefined,
      });
      const reading = (async () => {
        for await (const piece of textStream) if (piece !== "") controller.abort();
      })();
      await within(
        "the client leaves",
        reading.catch(() => undefined),
        5000,
      );
      const request = scene.provider.requests.at(-1);
      if (!library.hangsUp) return;
      await within("the provider sees it", request?.aborted ?? Promise.reject(new Error()), 5000);
    });
  });
}
