import assert from "node:assert/strict";
import { retryAdvice, retryAfterIn } from "../../../src/upstream/retry-after.ts";

const NOW = Date.UTC(2026, 0, 2, 9, 30, 0);

/** What says it, its headers, its body, the wait in milliseconds. */
const FORMS: [string, Record<string, string>, string, number | undefined][] = [
  ["nothing", {}, "", undefined],
  ["seconds", { "retry-after": "20" }, "", 20_000],
  ["seconds with a fraction", { "retry-after": "1.5" }, "", 1500],
  ["0 seconds", { "retry-after": "0" }, "", 0],
  ["an HTTP date", { "retry-after": "Fri, 02 Jan 2026 09:30:07 GMT" }, "", 7000],
  ["a date that is over", { "retry-after": "Fri, 02 Jan 2026 09:00:00 GMT" }, "", 0],
  ["no time at all", { "retry-after": "soon" }, "", undefined],
  [
    "milliseconds, which are more exact",
    { "retry-after": "2", "retry-after-ms": "1200" },
    "",
    1200,
  ],
  [
    "Azure's 0 milliseconds beside seconds",
    { "retry-after": "1", "retry-after-ms": "0" },
    "",
    1000,
  ],
  ["a Go duration", { "x-ratelimit-reset-requests": "17.4s" }, "", 17_400],
  ["a short Go duration", { "x-ratelimit-reset-tokens": "26ms" }, "", 26],
  ["a long Go duration", { "x-ratelimit-reset-tokens": "1m3s" }, "", 63_000],
  ["plain seconds", { "x-ratelimit-reset": "12" }, "", 12_000],
  ["a moment in seconds", { "x-ratelimit-reset": String(NOW / 1000 + 9) }, "", 9000],
  ["a moment in milliseconds", { "x-ratelimit-reset": String(NOW + 4000) }, "", 4000],
  [
    "the window that is used up, of several",
    {
      "x-ratelimit-reset-requests": "2s",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-tokens": "50s",
      "x-ratelimit-remaining-tokens": "1000",
    },
    "",
    2000,
  ],
  [
    "Mistral's and Cerebras' windows",
    { "x-ratelimit-reset-tokens-minute": "5", "x-ratelimit-reset-req-minute": "3" },
    "",
    5000,
  ],
  ["Gemini's detail", {}, '[{"error":{"details":[{"retryDelay":"34s"}]}}]', 34_000],
  ["OpenRouter's metadata", {}, '{"error":{"metadata":{"headers":{"Retry-After":"8"}}}}', 8000],
  ["a field", {}, '{"error":{"retry_after_seconds":2.5}}', 2500],
  ["OpenAI's sentence", {}, "Please try again in 7.66s. Visit", 7660],
  ["the same in milliseconds", {}, "Please try again in 120ms.", 120],
  ["Azure's sentence", {}, "Please retry after 20 seconds.", 20_000],
  ["Google's sentence", {}, "Please retry in 3.2s.", 3200],
];

describe("retryAdvice", () => {
  for (const [name, headers, body, wait] of FORMS) {
    it(`reads ${name}`, () => {
      assert.equal(retryAdvice({ status: 429, headers, body }, NOW).waitMs, wait);
    });
  }

  it("looks at the windows of a rate only where it was a rate that failed", () => {
    const headers = { "x-ratelimit-reset-requests": "17s" };
    assert.equal(retryAdvice({ status: 503, headers, body: "" }, NOW).waitMs, undefined);
  });

  it("hears the provider's own word on whether to try again", () => {
    const said = (value: string) =>
      retryAdvice({ status: 500, headers: { "x-should-retry": value }, body: "" }, NOW).shouldRetry;
    assert.equal(said("true"), true);
    assert.equal(said("false"), false);
  });
});

describe("retryAfterIn", () => {
  for (const [value, passed] of [
    ["20", "20"],
    ["Fri, 02 Jan 2026 09:30:07 GMT", "Fri, 02 Jan 2026 09:30:07 GMT"],
    ["20\r\nx-evil: 1", undefined],
    ["soon", undefined],
    ["99999999999", undefined],
  ] as const) {
    it(`${passed === undefined ? "drops" : "passes"} ${JSON.stringify(value)}`, () => {
      assert.equal(retryAfterIn({ "retry-after": value }), passed);
    });
  }
});
