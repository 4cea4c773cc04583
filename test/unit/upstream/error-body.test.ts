import assert from "node:assert/strict";
import { messageIn, reportsError } from "../../../src/upstream/error-body.ts";

/** Who sends it, what is sent, and the sentence in it. */
const SHAPES: [string, unknown, string][] = [
  ["OpenAI", { error: { message: "m", type: "t", param: null, code: "c" } }, "m"],
  ["OpenRouter without metadata", { error: { message: "m", code: 400 }, user_id: "u" }, "m"],
  [
    "OpenRouter with the provider's text",
    {
      error: {
        message: "Provider returned error",
        metadata: { raw: "too long", provider_name: "X" },
      },
    },
    "X: too long",
  ],
  [
    "OpenRouter with the provider's JSON",
    {
      error: {
        message: "P",
        metadata: { raw: '{"error":{"message":"too long"}}', provider_name: "X" },
      },
    },
    "X: too long",
  ],
  [
    "OpenRouter with JSON but no name",
    { error: { message: "P", metadata: { raw: '{"message":"m"}' } } },
    "m",
  ],
  ["OpenRouter with empty metadata", { error: { message: "m", metadata: { raw: "" } } }, "m"],
  ["OpenRouter with null metadata", { error: { message: "m", metadata: null } }, "m"],
  ["Mistral", { object: "error", message: "m", type: "t", param: null, code: "3280" }, "m"],
  [
    "Mistral with detail in its message",
    { object: "error", message: { detail: [{ msg: "m" }] } },
    "m",
  ],
  ["vLLM", { error: { message: "m", type: "BadRequestError", param: null, code: 400 } }, "m"],
  ["Cerebras", { message: "m", type: "t", param: "p", code: "c" }, "p: m"],
  ["FastAPI with a sentence", { detail: "Not Found" }, "Not Found"],
  [
    "FastAPI with a list",
    { detail: [{ loc: ["body"], msg: "a", type: "t" }, { msg: "b" }] },
    "a; b",
  ],
  ["FastAPI with an object", { detail: { message: "m" } }, "m"],
  ["xAI", { code: "Some code", error: "m" }, "m"],
  ["LM Studio, Ollama", { error: "m" }, "m"],
  [
    "Gemini",
    [{ error: { code: 400, message: "m", status: "INVALID_ARGUMENT", details: [] } }],
    "m",
  ],
  ["Azure Foundry", { error: { code: "c", message: "m", details: "d", innererror: {} } }, "m"],
  [
    "llama.cpp",
    { error: { code: 400, message: "m", type: "exceed_context_size_error", n_ctx: 1 } },
    "m",
  ],
  ["Groq", { error: { message: "m", type: "t", failed_generation: "<f>", status_code: 400 } }, "m"],
  ["MiniMax", { base_resp: { status_code: 1008, status_msg: "m" } }, "m"],
  ["DashScope", { code: "InvalidApiKey", message: "m", request_id: "r" }, "m"],
  ["Cloudflare", { success: false, errors: [{ code: 7000, message: "m" }] }, "m"],
  ["gateways", { code: 500, msg: "m" }, "m"],
  ["NIM", { type: "about:blank", title: "t", status: 400, detail: "m" }, "m"],
  ["NIM without a detail", { type: "about:blank", title: "t", status: 400 }, "t"],
  ["Anthropic", { type: "error", error: { type: "overloaded_error", message: "m" } }, "m"],
  ["a bare string", "m", "m"],
];

const TEXTS: [string, string, string][] = [
  ["plain text", "upstream connect error", "upstream connect error"],
  ["text over several lines", "  a\r\n\n  b\t c ", "a b c"],
  ["nothing", "", ""],
  ["blanks", " \n ", ""],
  ["cut JSON", '{"error":{"mess', '{"error":{"mess'],
];

describe("messageIn", () => {
  for (const [who, body, message] of SHAPES) {
    it(`finds the sentence in what ${who} sends`, () => {
      assert.equal(messageIn(JSON.stringify(body)), message);
      assert.equal(messageIn(`\n  ${JSON.stringify(body, null, 2)}\n`), message);
    });
  }

  for (const [name, body, message] of TEXTS) {
    it(`takes ${name} as it is, in one line`, () => {
      assert.equal(messageIn(body), message);
    });
  }

  it("tells a web page's title and what to check", () => {
    const page = "<!DOCTYPE html>\n<html><HEAD><title class=x>\n 502 Bad Gateway\n</title></head>";
    assert.match(messageIn(page), /\("502 Bad Gateway"\)\. Check the base URL\.$/);
    assert.match(messageIn("<html></html>"), /a web page .* Check the base URL\.$/);
  });

  it("cuts a long message", () => {
    const message = messageIn(JSON.stringify({ error: { message: "x".repeat(100_000) } }));
    assert.ok(message.length < 2100 && message.endsWith("…"));
  });

  for (const body of [{}, [], null, 7, true, { error: {} }, { error: null }, { detail: [] }]) {
    it(`survives ${JSON.stringify(body)}, which has no sentence`, () => {
      assert.equal(typeof messageIn(JSON.stringify(body)), "string");
    });
  }

  it("survives JSON of any depth", () => {
    assert.equal(typeof messageIn('{"error":'.repeat(20_000) + "1" + "}".repeat(20_000)), "string");
    assert.equal(typeof messageIn("[".repeat(30_000) + "]".repeat(30_000)), "string");
  });
});

describe("reportsError", () => {
  const chunk = { choices: [{ delta: { content: "a" } }] };
  const CASES: [object, boolean][] = [
    [chunk, false],
    [{ ...chunk, error: null }, false],
    [{ ...chunk, error: { message: "m" } }, true],
    [{ choices: [], error: "m" }, true],
    [{ ...chunk, object: "error" }, false],
    [{ object: "error", message: "m" }, true],
    [{ type: "error", error: { message: "m" } }, true],
    [{ base_resp: { status_code: 1008, status_msg: "m" } }, true],
    [{ base_resp: { status_code: 0 }, choices: null }, false],
    [{ base_resp: { status_code: 0 } }, false],
    [{ usage: {} }, false],
    [{}, false],
  ];

  for (const [payload, isError] of CASES) {
    it(`takes ${JSON.stringify(payload)} for ${isError ? "an error" : "no error"}`, () => {
      assert.equal(reportsError(payload), isError);
    });
  }
});
