import assert from "node:assert/strict";
import type { BridgeErrorCode } from "../../../src/base/errors.ts";
import { failureFromEvent, failureFromResponse } from "../../../src/upstream/failure.ts";

/** The shapes of providers.md 5.1, around one sentence. */
const SHAPES: [string, (message: string, code: string) => unknown][] = [
  [
    "OpenAI, DeepSeek, Groq",
    (message, code) => ({ error: { message, type: "t", param: null, code } }),
  ],
  [
    "OpenRouter",
    (message, code) => ({
      error: {
        message: "Provider returned error",
        code: 1,
        metadata: { raw: JSON.stringify({ error: { message, code } }), provider_name: "P" },
      },
    }),
  ],
  [
    "Mistral, older vLLM",
    (message, code) => ({ object: "error", message, type: "t", param: null, code }),
  ],
  ["Cerebras", (message, code) => ({ message, type: "t", param: "", code })],
  ["FastAPI with a sentence", (message, code) => ({ detail: message, code })],
  [
    "FastAPI with a list",
    (message, code) => ({ detail: [{ loc: ["body", "x"], msg: message, type: code }] }),
  ],
  ["xAI, LM Studio, Ollama", (message, code) => ({ error: message, code })],
  ["Gemini", (message, code) => [{ error: { code: 1, message, status: code } }]],
  [
    "Azure Foundry",
    (message, code) => ({ error: { code, message, details: message, innererror: {} } }),
  ],
  ["MiniMax", (message, code) => ({ base_resp: { status_code: 1008, status_msg: message }, code })],
  ["DashScope", (message, code) => ({ code, message, request_id: "r" })],
  ["Cloudflare", (message, code) => ({ errors: [{ message, code }], success: false })],
  ["NIM", (message, code) => ({ title: message, status: 1, type: code })],
];

/** What is said, its code, the statuses that it comes with, what it means beyond the status, and the remedy. */
const MEANINGS: [string, string, number[], BridgeErrorCode | undefined, RegExp][] = [
  ["m", "insufficient_quota", [429, 400, 403], "upstream_quota_exceeded", /waiting does not help/],
  ["You exceeded your current quota", "x", [429], "upstream_quota_exceeded", /add credit/],
  ["Your credit balance is too low", "x", [400, 403], "upstream_quota_exceeded", /add credit/],
  ["m", "exceeded_current_quota_error", [429], "upstream_quota_exceeded", /add credit/],
  [
    "Rate limit reached for requests",
    "rate_limit_exceeded",
    [429],
    "upstream_rate_limited",
    /a rate limit: wait/,
  ],
  [
    "API key not valid",
    "API_KEY_INVALID",
    [400],
    "upstream_unauthorized",
    /Set a valid one for "p"/,
  ],
  [
    "Incorrect API key provided",
    "x",
    [400, 403],
    "upstream_unauthorized",
    /Set a valid one for "p"/,
  ],
  ["m", "model_decommissioned", [400, 404], undefined, /retired this model/],
  ["The model has been deprecated", "x", [404, 410], undefined, /retired this model/],
  [
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    "x",
    [400],
    undefined,
    /Start vLLM with --enable-auto-tool-choice/,
  ],
  ["tools param requires --jinja flag", "x", [500], undefined, /Start llama-server with --jinja/],
  ["This server does not support embeddings", "x", [501], undefined, /--embeddings/],
  [
    "No endpoints found that support tool use",
    "x",
    [404],
    undefined,
    /offers tools for this model/,
  ],
  ["No endpoints found that support image input", "x", [404], undefined, /takes images/],
  ["No endpoints found matching your data policy", "x", [404], undefined, /privacy settings/],
  [
    "This model is only supported in v1/responses and not in v1/chat/completions",
    "x",
    [404],
    undefined,
    /does not exist on Chat Completions/,
  ],
  ["m", "DeploymentNotFound", [404], undefined, /names of your deployments/],
  [
    "Your organization must be verified to stream this model",
    "x",
    [400],
    undefined,
    /Verify the organization/,
  ],
  ["unknown variant `image_url`, expected `text`", "x", [400], undefined, /takes no images/],
  ["Loading model", "unavailable_error", [503], undefined, /still loading/],
  ["m", "content_filter", [400], undefined, /content filter refused/],
  ["Payment required", "x", [402], undefined, /Add credit/],
  [
    "prompt is too long: 9 tokens > 8 maximum",
    "x",
    [400, 413],
    "context_overflow",
    /9 tokens, and the model's context holds 8/,
  ],
];

const BY_STATUS: Partial<Record<number, BridgeErrorCode>> = {
  400: "upstream_rejected",
  402: "upstream_payment_required",
  404: "upstream_not_found",
  410: "upstream_rejected",
  500: "upstream_failed",
  501: "upstream_failed",
  503: "upstream_unavailable",
};

describe("what errors mean", () => {
  for (const [message, code, statuses, meaning, remedy] of MEANINGS) {
    for (const status of statuses) {
      it(`in every shape: ${message === "m" ? code : message.slice(0, 50)}, HTTP ${status}`, () => {
        for (const [name, shape] of SHAPES) {
          const error = failureFromResponse({
            status,
            body: JSON.stringify(shape(message, code)),
            headers: {},
            provider: "p",
            hadKey: true,
            redact: (text) => text,
            now: 0,
          });
          assert.equal(error.code, meaning ?? BY_STATUS[status], name);
          assert.match(error.message, remedy, name);
          if (meaning !== "context_overflow") {
            assert.ok(error.message.includes(message), `${name}: ${error.message}`);
          }
        }
      });
    }
  }

  for (const [text, hint] of [
    ["The parameter seed is no longer supported", /retired/],
    ["max_tokens must be at most 1113", /nothing left to spend/],
    ["The user quota field is unknown", /nothing left to spend/],
  ] as const) {
    it(`are not read into other words: ${text}`, () => {
      const error = failureFromResponse({
        status: 400,
        body: JSON.stringify({ error: { message: text } }),
        headers: {},
        provider: "p",
        hadKey: true,
        redact: (one) => one,
        now: 0,
      });
      assert.equal(error.code, "upstream_rejected");
      assert.doesNotMatch(error.message, hint);
    });
  }

  it("are told of events under status 200 as well", () => {
    const redact = (text: string) => text;
    const event = { error: { message: "You exceeded your current quota", code: 429 } };
    const error = failureFromEvent(event, { provider: "p", redact });
    assert.equal(error.code, "upstream_quota_exceeded");
    assert.match(error.message, /add credit/);
  });

  it("never hold a key, and are short", () => {
    const error = failureFromResponse({
      status: 400,
      body: JSON.stringify({ error: { message: `bad key sk-secret ${"x".repeat(9000)}` } }),
      headers: {},
      provider: "p",
      hadKey: true,
      redact: (text) => text.replaceAll("sk-secret", "[redacted]"),
      now: 0,
    });
    assert.doesNotMatch(error.message, /sk-secret/);
    assert.ok(error.message.length < 2300);
  });

  it("name the base URL where a web page came", () => {
    for (const status of [200, 404, 502]) {
      const body = "<!doctype html><html><head><title>Welcome</title></head></html>";
      const redact = (text: string) => text;
      const error =
        status === 200
          ? failureFromEvent(body, { provider: "p", redact })
          : failureFromResponse({
              status,
              body,
              headers: {},
              provider: "p",
              hadKey: true,
              redact,
              now: 0,
            });
      assert.match(
        error.message,
        /a web page came instead of an answer \("Welcome"\)\. Check the base URL/,
      );
    }
  });
});
