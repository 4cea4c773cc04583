import assert from "node:assert/strict";
import { BridgeError, type BridgeErrorCode } from "../../../src/base/errors.ts";
import {
  failureFromEvent,
  failureFromException,
  failureFromResponse,
} from "../../../src/upstream/failure.ts";

const redact = (text: string) => text.replaceAll("sk-secret", "[redacted]");

const refusal = (status: number, body = '{"error":{"message":"m"}}') =>
  failureFromResponse({ status, body, headers: {}, provider: "p", hadKey: true, redact, now: 0 });

const STATUS: [number, BridgeErrorCode][] = [
  [204, "upstream_failed"],
  [301, "upstream_failed"],
  [307, "upstream_failed"],
  [400, "upstream_rejected"],
  [401, "upstream_unauthorized"],
  [402, "upstream_payment_required"],
  [403, "upstream_forbidden"],
  [404, "upstream_not_found"],
  [405, "upstream_rejected"],
  [408, "upstream_timeout"],
  [413, "upstream_too_large"],
  [422, "upstream_rejected"],
  [429, "upstream_rate_limited"],
  [498, "upstream_unavailable"],
  [500, "upstream_failed"],
  [502, "upstream_failed"],
  [503, "upstream_unavailable"],
  [504, "upstream_timeout"],
  [520, "upstream_failed"],
  [529, "upstream_unavailable"],
];

describe("failureFromResponse", () => {
  for (const [status, code] of STATUS) {
    it(`calls HTTP ${status} ${code} and keeps the status`, () => {
      const error = refusal(status);
      assert.equal(error.code, code);
      assert.equal(error.upstreamStatus, status);
      assert.match(error.message, /^p: /);
      assert.match(error.message, new RegExp(`HTTP ${status}`));
    });
  }

  it("passes Retry-After on", () => {
    const options = { status: 429, body: "", provider: "p", hadKey: true, redact, now: 0 };
    const failing = (headers: Record<string, string>) =>
      failureFromResponse({ ...options, headers });
    assert.equal(failing({ "retry-after": "20" }).retryAfter, "20");
    assert.equal(failing({}).retryAfter, undefined);
  });

  it("tells a missing key from a refused one", () => {
    const options = { status: 401, body: "no", headers: {}, provider: "p", redact, now: 0 };
    assert.match(failureFromResponse({ ...options, hadKey: false }).message, /no API key is set/);
    assert.match(failureFromResponse({ ...options, hadKey: true }).message, /key was refused/);
  });

  it("names a redirect's origin and nothing else of it", () => {
    const location = "https://user:pass@elsewhere.example/login?key=sk-secret";
    const headers = { location };
    const options = { status: 302, body: "", headers, provider: "p", hadKey: true, redact, now: 0 };
    const { message } = failureFromResponse(options);
    assert.match(message, /redirects to https:\/\/elsewhere\.example \(HTTP 302\)/);
    assert.doesNotMatch(message, /pass|secret|login/);
  });

  it("survives a redirect to a relative path or to nowhere", () => {
    for (const location of ["/login", undefined, ""]) {
      const options = { status: 302, body: "", provider: "p", hadKey: true, redact, now: 0 };
      assert.match(
        failureFromResponse({ ...options, headers: { location } }).message,
        /redirects \(HTTP 302\)/,
      );
    }
  });

  it("takes keys out of the provider's text", () => {
    const { message } = refusal(400, '{"error":"bad key sk-secret"}');
    assert.match(message, /bad key \[redacted\]/);
  });

  it("says so when there is no text", () => {
    assert.match(refusal(500, "").message, /^p: .*no message.*HTTP 500/);
  });
});

describe("failureFromEvent", () => {
  const CASES: [unknown, BridgeErrorCode, string][] = [
    [{ error: { message: "m", code: 429 } }, "upstream_rate_limited", "p: m"],
    [{ error: { message: "m", code: "429" } }, "upstream_rate_limited", "p: m"],
    [{ error: { message: "m", type: "insufficient_quota" } }, "upstream_quota_exceeded", "p: m"],
    [{ error: { message: "m", code: "rate_limit_exceeded" } }, "upstream_rate_limited", "p: m"],
    [{ error: { message: "m", type: "authentication_error" } }, "upstream_unauthorized", "p: m"],
    [{ error: { message: "m", type: "permission_error" } }, "upstream_forbidden", "p: m"],
    [{ error: { message: "m", code: "model_not_found" } }, "upstream_not_found", "p: m"],
    [{ error: { message: "m", type: "invalid_request_error" } }, "upstream_rejected", "p: m"],
    [
      { error: { message: "m", code: "context_length_exceeded" } },
      "context_overflow",
      "p: the prompt is longer than the model's context (m)",
    ],
    [{ error: { message: "m", type: "overloaded_error" } }, "upstream_unavailable", "p: m"],
    [
      { error: { message: "m", status_code: 400, code: "tool_use_failed" } },
      "upstream_rejected",
      "p: m",
    ],
    [{ error: { message: "m", type: "server_error" } }, "upstream_failed", "p: m"],
    [{ error: { message: "m", code: 200 } }, "upstream_failed", "p: m"],
    [{ error: { message: "m", code: 1113 } }, "upstream_failed", "p: m"],
    [{ error: "m", code: "x" }, "upstream_failed", "p: m"],
    [{ object: "error", message: "m", code: 404 }, "upstream_not_found", "p: m"],
    ["compute error", "upstream_failed", "p: compute error"],
    [{ error: { message: "key sk-secret" } }, "upstream_failed", "p: key [redacted]"],
  ];

  for (const [payload, code, message] of CASES) {
    it(`calls ${JSON.stringify(payload)} ${code}`, () => {
      const error = failureFromEvent(payload, { provider: "p", redact });
      assert.equal(error.code, code);
      assert.ok(
        error.message === message || error.message.startsWith(`${message}. `),
        error.message,
      );
    });
  }
});

describe("failureFromException", () => {
  const withCode = (code: string) => Object.assign(new Error("raw text"), { code });

  const CASES: [string, BridgeErrorCode, RegExp][] = [
    ["ENOTFOUND", "upstream_failed", /host name is unknown/],
    ["EAI_AGAIN", "upstream_failed", /could not be looked up/],
    ["ECONNREFUSED", "upstream_failed", /nothing listens there/],
    ["ECONNRESET", "upstream_failed", /closed the connection/],
    ["EPIPE", "upstream_failed", /closed the connection/],
    ["UND_ERR_SOCKET", "upstream_failed", /closed the connection/],
    ["UND_ERR_CONNECT_TIMEOUT", "upstream_timeout", /setting timeouts\.connectMs/],
    ["CERT_HAS_EXPIRED", "upstream_failed", /certificate has expired/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "upstream_failed", /self-signed/],
    ["ESTRANGE", "upstream_failed", /the connection failed \(ESTRANGE\)/],
  ];

  for (const [code, expected, message] of CASES) {
    it(`explains ${code}, also inside other errors`, () => {
      const cause = withCode(code);
      for (const thrown of [
        cause,
        new TypeError("fetch failed", { cause }),
        new AggregateError([cause, withCode("OTHER")]),
        new Error("outer", { cause: new AggregateError([cause]) }),
      ]) {
        const error = failureFromException(thrown, "p");
        assert.equal(error.code, expected);
        assert.match(error.message, message);
        assert.equal(error.cause, thrown);
        assert.doesNotMatch(error.message, /raw text/);
      }
    });
  }

  it("leaves a BridgeError as it is", () => {
    const limit = new BridgeError("upstream_timeout", "x");
    assert.equal(failureFromException(limit, "p"), limit);
  });

  for (const thrown of [undefined, null, "text", new AggregateError([])]) {
    it(`takes ${String(thrown)} for a failed connection`, () => {
      assert.equal(failureFromException(thrown, "p").message, "p: the connection failed.");
    });
  }
});
