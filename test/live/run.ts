// Drives a real provider through the bridge; never part of `npm test`. See CONTRIBUTING.md.
import assert from "node:assert/strict";
import { Ollama, type Tool } from "ollama";
import { systemClock } from "../../src/base/clock.ts";
import { openBridge, type Bridge } from "../../src/service/bridge.ts";
import { parseSettings } from "../../src/service/settings.ts";
import { createTestLog } from "../support/log.ts";

const {
  LIVE_PRESET: preset,
  LIVE_BASE_URL: baseUrl,
  LIVE_API_KEY: apiKey,
  LIVE_MODEL: chosen,
  LIVE_EMBEDDING_MODEL: embeddingModel,
} = process.env;

/** One pixel, red. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

const WEATHER: Tool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city now",
    parameters: {
      type: "object",
      required: ["city"],
      properties: { city: { type: "string", description: "The city's name" } },
    },
  },
};

const say = (text: string) => process.stdout.write(`${text}\n`);

async function open(key: string | undefined): Promise<Bridge> {
  const provider = { id: "live", ...(preset && { preset }), ...(baseUrl && { baseUrl }) };
  return await openBridge({
    settings: parseSettings({ port: 0, providers: [provider], cache: { mode: "off" } }, "LIVE_*"),
    apiKey: () => Promise.resolve(key),
    accessToken: undefined,
    redact: (text) => (key ? text.replaceAll(key, "[redacted]") : text),
    clock: systemClock,
    log: createTestLog(),
  });
}

interface Scene {
  ollama: Ollama;
  model: string;
  capabilities: string[];
  /** The same provider with a key that it does not know. */
  locked: Ollama;
}

const CHECKS: Record<string, (scene: Scene) => Promise<string>> = {
  async list({ ollama }) {
    const { models } = await ollama.list();
    assert.ok(models.length > 0, "no model is listed");
    return `${models.length} models`;
  },
  async chat({ ollama, model }) {
    const messages = [{ role: "user", content: "Answer with the word yes." }];
    const { message, eval_count } = await ollama.chat({ model, messages });
    assert.match(message.content, /yes/i);
    return `${eval_count} tokens`;
  },
  async stream({ ollama, model }) {
    const messages = [{ role: "user", content: "Count from 1 to 10 in digits." }];
    let lines = 0;
    let text = "";
    let isDone = false;
    for await (const line of await ollama.chat({ model, messages, stream: true })) {
      lines++;
      text += line.message.content;
      isDone = line.done;
    }
    assert.match(text, /10/);
    assert.ok(isDone, "the last line is done");
    return `${lines} lines`;
  },
  async tools({ ollama, model, capabilities }) {
    if (!capabilities.includes("tools")) return skip("the model has no tools");
    const question = { role: "user", content: "What is the weather in Ulm? Use the tool." };
    const first = await ollama.chat({ model, messages: [question], tools: [WEATHER] });
    const [call] = first.message.tool_calls ?? [];
    assert.equal(call?.function.name, "get_weather");
    const result = { role: "tool", content: "18 degrees, sunny", tool_name: "get_weather" };
    const messages = [question, first.message, result];
    const second = await ollama.chat({ model, messages, tools: [WEATHER] });
    assert.match(second.message.content, /18/);
    return JSON.stringify(call.function.arguments);
  },
  async image({ ollama, model, capabilities }) {
    if (!capabilities.includes("vision")) return skip("the model is not known to see");
    const messages = [{ role: "user", content: "Which colour is this?", images: [PNG] }];
    const { message } = await ollama.chat({ model, messages });
    assert.ok(message.content.length > 0);
    return message.content.slice(0, 40);
  },
  async embeddings({ ollama }) {
    if (!embeddingModel) return skip("LIVE_EMBEDDING_MODEL is not set");
    const { embeddings } = await ollama.embed({ model: embeddingModel, input: ["a", "b"] });
    assert.equal(embeddings.length, 2);
    return `${embeddings[0]?.length} numbers`;
  },
  async "a wrong key"({ locked, model }) {
    if (!apiKey) return skip("LIVE_API_KEY is not set");
    const messages = [{ role: "user", content: "Hi" }];
    return await failure(locked.chat({ model, messages }), /key/i);
  },
  async "an unknown model"({ ollama }) {
    const messages = [{ role: "user", content: "Hi" }];
    return await failure(ollama.chat({ model: "no-such-model-1", messages }), /not found|model/i);
  },
};

const SKIPPED = "skipped: ";

function skip(why: string): string {
  return SKIPPED + why;
}

async function failure(call: Promise<unknown>, words: RegExp): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  assert.ok(error, "it is an error");
  assert.match(error.message, words);
  return error.message.slice(0, 100);
}

async function main(): Promise<void> {
  if (!preset && !baseUrl) {
    say("Nothing is tested: set LIVE_PRESET or LIVE_BASE_URL, LIVE_API_KEY and LIVE_MODEL.");
    return;
  }
  const bridge = await open(apiKey);
  const other = await open("sk-this-key-is-wrong");
  try {
    const ollama = new Ollama({ host: bridge.url });
    const model = chosen ?? (await ollama.list()).models[0]?.model ?? "";
    const { capabilities } = await ollama.show({ model });
    const scene = { ollama, model, capabilities, locked: new Ollama({ host: other.url }) };
    say(`${preset ?? baseUrl ?? ""}, ${model} (${capabilities.join(", ")})`);
    for (const [name, check] of Object.entries(CHECKS)) {
      try {
        const found = await check(scene);
        say(`  ${found.startsWith(SKIPPED) ? "-" : "ok"} ${name}: ${found}`);
      } catch (error) {
        process.exitCode = 1;
        say(`  FAILED ${name}: ${(error as Error).message}`);
      }
    }
  } finally {
    await bridge.close();
    await other.close();
  }
}

await main();
