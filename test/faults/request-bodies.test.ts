import assert from "node:assert/strict";
import { within } from "../support/deadline.ts";
import { startFakeProvider, type FakeProvider } from "../support/fake-provider.ts";
import { errorOf, HELLO, post } from "../support/ollama-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

const CHAT = "/api/chat";
const GENERATE = "/api/generate";
const SHOW = "/api/show";

interface Refused {
  /** The body, or fields beside a right chat or generate request. */
  body: string | Record<string, unknown>;
  status?: number;
  error: string | RegExp;
  paths?: string[];
}

const ALL = [CHAT, GENERATE, SHOW];
const BOTH = [CHAT, GENERATE];

const unmarshal = (got: string, field: string, type: string) =>
  `json: cannot unmarshal ${got} into Go struct field ${field} of type ${type}`;

/** The texts are Ollama's own: encoding/json's and those of api/types.go and server/routes.go. */
const REFUSED: Refused[] = [
  { body: "", error: "missing request body", paths: ALL },
  { body: " \n\t ", error: "missing request body", paths: ALL },
  { body: "{", error: "unexpected EOF", paths: ALL },
  { body: '{"model":"gpt-te', error: "unexpected EOF", paths: ALL },
  { body: '{"model"', error: "unexpected EOF", paths: ALL },
  { body: '{"model":', error: "unexpected EOF", paths: ALL },
  { body: "tru", error: "unexpected EOF", paths: ALL },
  { body: "x", error: "invalid character 'x' looking for beginning of value", paths: ALL },
  { body: "'", error: "invalid character '\\'' looking for beginning of value", paths: ALL },
  { body: "<html>", error: "invalid character '<' looking for beginning of value", paths: ALL },
  { body: '{"model":x}', error: "invalid character 'x' looking for beginning of value" },
  { body: "[]", error: "json: cannot unmarshal array into Go value of type api.ChatRequest" },
  { body: '"x"', error: "json: cannot unmarshal string into Go value of type api.ChatRequest" },
  { body: "7", error: "json: cannot unmarshal number into Go value of type api.ChatRequest" },
  { body: "true", error: "json: cannot unmarshal bool into Go value of type api.ChatRequest" },
  { body: "null", error: "model is required" },
  { body: "{}", error: "model is required" },
  { body: "{}", error: "model is required", paths: [SHOW] },
  { body: "null", status: 404, error: "model '' not found", paths: [GENERATE] },
  { body: "{}", status: 404, error: "model '' not found", paths: [GENERATE] },
  { body: { model: "" }, error: "model is required" },
  { body: { model: null }, error: "model is required" },
  { body: { model: 7 }, error: unmarshal("number", "ChatRequest.model", "string") },
  {
    body: { model: 7 },
    error: unmarshal("number", "GenerateRequest.model", "string"),
    paths: [GENERATE],
  },
  {
    body: { messages: "Hello" },
    error: /^json: cannot unmarshal string into Go struct field ChatRequest\.messages of type \[\]/,
  },
  {
    body: { messages: ["Hello"] },
    error: /^json: cannot unmarshal string into Go (struct field|value)/,
  },
  {
    body: { messages: [{ content: 7 }] },
    error: /^json: cannot unmarshal number into Go struct field/,
  },
  { body: { stream: "yes" }, error: unmarshal("string", "ChatRequest.stream", "bool") },
  {
    body: { prompt: 7 },
    error: unmarshal("number", "GenerateRequest.prompt", "string"),
    paths: [GENERATE],
  },
  {
    body: { options: "hot" },
    error: unmarshal("string", "ChatRequest.options", "map[string]interface {}"),
  },
  {
    body: { options: { temperature: "hot" } },
    status: 500,
    error: 'option "temperature" must be of type float32',
    paths: BOTH,
  },
  {
    body: { options: { num_predict: "9" } },
    status: 500,
    error: 'option "num_predict" must be of type integer',
    paths: BOTH,
  },
  {
    body: { options: { seed: true } },
    status: 500,
    error: 'option "seed" must be of type integer',
    paths: BOTH,
  },
  {
    body: { options: { stop: 7 } },
    status: 500,
    error: 'option "stop" must be of type array',
    paths: BOTH,
  },
  {
    body: { format: "yaml" },
    status: 500,
    error: 'invalid format: "yaml"; expected "json" or a valid JSON Schema object',
    paths: BOTH,
  },
  {
    body: { think: "x" },
    error: 'invalid think value: "x" (must be "high", "medium", "low", "max", true, or false)',
    paths: BOTH,
  },
  { body: { think: 7 }, error: /^think must be a boolean or string/, paths: BOTH },
  { body: { keep_alive: "5" }, error: 'time: missing unit in duration "5"', paths: BOTH },
  { body: { keep_alive: "soon" }, error: 'time: invalid duration "soon"', paths: BOTH },
  { body: { keep_alive: true }, error: "Unsupported type: 'bool'", paths: BOTH },
  { body: { model: "nobody" }, status: 404, error: "model 'nobody' not found", paths: BOTH },
  {
    body: { model: "nobody" },
    status: 404,
    error: "model 'nobody:latest' not found",
    paths: [SHOW],
  },
  { body: { model: "nobody:7b" }, status: 404, error: "model 'nobody:7b' not found", paths: ALL },
  { body: "[".repeat(200) + "]".repeat(200), error: /nested deeper than/, paths: ALL },
  { body: '{"a":'.repeat(200), error: /nested deeper than/, paths: ALL },
  { body: "[".repeat(1_000_000), error: /nested deeper than/, paths: ALL },
  { body: { format: nested(200) }, error: /nested deeper than/, paths: BOTH },
];

function nested(levels: number): object {
  return levels === 0 ? {} : { properties: nested(levels - 1) };
}

describe("A request's body", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;

  before(async () => {
    provider = await startFakeProvider();
    bridge = await startBridge(provider.baseUrl);
    await bridge.catalog.list();
  });

  after(async () => {
    await bridge.close();
    await provider.close();
  });

  beforeEach(() => {
    provider.requests.length = 0;
  });

  for (const { body, status = 400, error, paths = [CHAT] } of REFUSED) {
    for (const path of paths) {
      const text =
        typeof body === "string" ? body : JSON.stringify({ ...HELLO, prompt: "Hello", ...body });
      const name = typeof body === "string" ? body : JSON.stringify(body);
      it(`${name.slice(0, 50)} is refused by ${path} in Ollama's words`, async () => {
        const response = await within("an answer", post(bridge.url + path, text));
        const told = await errorOf(response);
        if (typeof error === "string") assert.equal(told, error);
        else assert.match(told, error);
        assert.equal(response.status, status);
        assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
        const chats = provider.requests.filter(({ path }) => path.endsWith("/chat/completions"));
        assert.equal(chats.length, 0, "the provider is not asked");
      });
    }
  }

  const TAKEN: [string, string][] = [
    ["anything behind its first value, as Go does", `${JSON.stringify(HELLO)} and {"more"`],
    ["a second value", JSON.stringify(HELLO) + JSON.stringify({ model: "nobody" })],
    ["unknown fields", JSON.stringify({ ...HELLO, future: { a: [1] }, truncate: true })],
    [
      "null where a field could be missing",
      JSON.stringify({
        ...HELLO,
        options: null,
        format: null,
        think: null,
        keep_alive: null,
        stream: null,
        tools: null,
      }),
    ],
    [
      "keys of Object.prototype",
      `{"__proto__":{"model":"x","polluted":1},"constructor":{"prototype":{"polluted":1}},${JSON.stringify(HELLO).slice(1)}`,
    ],
    [
      "keys of Object.prototype among its options",
      JSON.stringify({
        ...HELLO,
        options: JSON.parse('{"__proto__":{"temperature":"x"},"toString":1}') as object,
      }),
    ],
    [
      "a key twice, the last of which counts",
      `{"model":"nobody",${JSON.stringify(HELLO).slice(1)}`,
    ],
    ["blanks around it", `\r\n ${JSON.stringify(HELLO)} \n`],
    ["100 levels of nesting", JSON.stringify({ ...HELLO, format: nested(100) })],
  ];

  for (const [name, text] of TAKEN) {
    it(`may have ${name}`, async () => {
      const response = await post(bridge.url + CHAT, text);
      assert.equal(response.status, 200, await response.clone().text());
      assert.match(await response.text(), /"done":true/);
      const sent = provider.requests.at(-1)?.body as Record<string, unknown>;
      assert.equal(sent["model"], "gpt-test");
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
      assert.deepEqual(Object.keys(sent).sort(), [
        "messages",
        "model",
        ...(name.includes("levels") ? ["response_format"] : []),
        "stream",
        "stream_options",
      ]);
    });
  }

  it("of invalid UTF-8 has it replaced and is answered", async () => {
    const [start = "", end = ""] = JSON.stringify(HELLO).split("Hello");
    const bytes = Buffer.concat([Buffer.from(start), Buffer.from([0xff, 0xc3]), Buffer.from(end)]);
    const response = await fetch(bridge.url + CHAT, { method: "POST", body: bytes });
    assert.equal(response.status, 200);
    await response.text();
    const { messages } = provider.requests.at(-1)?.body as { messages: unknown };
    assert.deepEqual(messages, [{ role: "user", content: "\ufffd\ufffd" }]);
  });

  it("with a lone surrogate reaches the provider as valid UTF-8", async () => {
    const text = JSON.stringify(HELLO).replace("Hello", "\\ud83d");
    const response = await post(bridge.url + CHAT, text);
    assert.equal(response.status, 200);
    await response.text();
    const { messages } = provider.requests.at(-1)?.body as { messages: { content: string }[] };
    assert.match(messages[0]?.content ?? "", /^(\ud83d|\ufffd)$/);
  });

  it("is not needed to be called JSON: curl calls it a form", async () => {
    const response = await fetch(bridge.url + CHAT, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: JSON.stringify(HELLO),
    });
    assert.equal(response.status, 200);
    await response.text();
  });
});
