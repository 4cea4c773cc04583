import assert from "node:assert/strict";
import { inspect } from "node:util";
import { createRedactor, redactLog } from "../../../src/service/redact.ts";
import { createTestLog } from "../../support/log.ts";

/** Of no known make, and different in base64 and URL encoding. */
const KEY = "canary/ö+1234567890";
const redact = createRedactor(() => [KEY, "short"]);

const FORMS: [string, string][] = [
  ["as it is", KEY],
  ["twice", `${KEY} and ${KEY}`],
  ["inside other text", `https://x.test/?x=${KEY}&y`],
  ["in base64", Buffer.from(KEY).toString("base64")],
  ["in base64 for URLs", Buffer.from(KEY).toString("base64url")],
  ["URL-encoded", encodeURIComponent(KEY)],
];

const SHAPES: [string, string][] = [
  ["OpenAI", "Incorrect API key provided: sk-proj-abcDEF123456."],
  ["OpenAI, masked", "Incorrect API key provided: sk-12********************3456."],
  ["Groq", "gsk_abcdefghij1234567890"],
  ["xAI", "xai-abcdefghij1234567890"],
  ["Google", "API key AIzaSyA1234567890 is invalid"],
  ["Hugging Face", "hf_abcdefghij1234567890"],
  ["NVIDIA", "nvapi-abcdefghij1234567890"],
  ["any header", "authorization: Bearer abc.def-123"],
  ["any header in JSON", '{"authorization":"bearer abc.def-123"}'],
  ["any query", "GET /v1/models?key=abc.def-123&x=1"],
];

const HARMLESS = [
  "Hello, world",
  "the risk-averse task-force asked",
  "model gpt-4o-mini at http://127.0.0.1:11434/v1?api-version=1",
  "short",
  "",
];

describe("createRedactor", () => {
  for (const [name, text] of FORMS) {
    it(`takes out a known key ${name}`, () => {
      const clean = redact(`before ${text} behind`);
      assert.doesNotMatch(clean, /canary|Y2FuYXJ5/);
      assert.match(clean, /^before .*\[redacted\].* behind$/);
    });
  }

  for (const [who, text] of SHAPES) {
    it(`takes out what looks like a key of ${who}`, () => {
      const clean = redact(text);
      assert.match(clean, /\[redacted\]/);
      assert.doesNotMatch(clean, /123456|3456|abc\.def/);
    });
  }

  for (const text of HARMLESS) {
    it(`leaves ${JSON.stringify(text)} as it is`, () => {
      assert.equal(redact(text), text);
    });
  }

  it("knows keys that were entered after it was made", () => {
    const keys: string[] = [];
    const later = createRedactor(() => keys);
    keys.push("entered-later");
    assert.equal(later("entered-later"), "[redacted]");
  });

  it("takes out a longer key of which another is the beginning", () => {
    const both = createRedactor(() => ["abcdefgh", "abcdefgh-tail-1234"]);
    assert.doesNotMatch(both("x abcdefgh-tail-1234 x"), /tail/);
  });
});

describe("redactLog", () => {
  const FACTS: [string, unknown][] = [
    ["a string", KEY],
    ["an object", { header: KEY }],
    ["nested objects", { a: { b: [{ c: KEY }] } }],
    ["a list", [KEY, [KEY]]],
    ["an error", new Error(`bad ${KEY}`)],
    ["an error in an object", { error: new TypeError(`bad ${KEY}`) }],
    ["the cause of an error", new Error("outer", { cause: new Error(`inner ${KEY}`) })],
    ["properties of an error", Object.assign(new Error("x"), { headers: { authorization: KEY } })],
  ];

  for (const [name, fact] of FACTS) {
    it(`lets no key through in ${name}`, () => {
      const log = createTestLog();
      const safe = redactLog(log, redact);
      safe.error(`message ${KEY}`, fact);
      safe.trace("message", fact, fact);
      assert.doesNotMatch(inspect(log.lines, { depth: 20 }), /canary/);
      assert.deepEqual(
        log.lines.map(({ level }) => level),
        ["error", "trace"],
      );
    });
  }

  it("passes everything else on as it is", () => {
    const log = createTestLog();
    const facts = { status: 200, ms: 1.5, ok: true, nothing: null, missing: undefined, list: [1] };
    redactLog(log, redact).info("request done", facts);
    assert.deepEqual(log.lines, [{ level: "info", message: "request done", facts }]);
  });
});
