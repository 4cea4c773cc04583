import assert from "node:assert/strict";
import type { PresetName } from "../../../src/upstream/presets.ts";
import { isLoopbackHost, parseBaseUrl, providerIdFor } from "../../../src/upstream/base-url.ts";

/** As pasted, then what paths are put behind, the query, and whether it is this machine. */
const PARSED: [string, string, string, boolean][] = [
  ["https://api.openai.com/v1", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com/v1/", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com/v1///", "https://api.openai.com/v1", "", false],
  ["  https://api.openai.com/v1\n", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1", "", false],
  ["HTTPS://API.OpenAI.com/v1", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com:443/v1", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com/v1/models", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com/v1/embeddings", "https://api.openai.com/v1", "", false],
  ["https://api.openai.com/v1/completions", "https://api.openai.com/v1", "", false],
  ["https://api.mistral.ai/v1/fim/completions", "https://api.mistral.ai/v1", "", false],
  ["https://api.deepseek.com", "https://api.deepseek.com", "", false],
  ["https://api.perplexity.ai/", "https://api.perplexity.ai", "", false],
  ["https://openrouter.ai", "https://openrouter.ai/api/v1", "", false],
  ["https://api.groq.com/", "https://api.groq.com/openai/v1", "", false],
  ["https://api.z.ai/api/paas/v4/chat/completions", "https://api.z.ai/api/paas/v4", "", false],
  [
    "https://generativelanguage.googleapis.com",
    "https://generativelanguage.googleapis.com/v1beta/openai",
    "",
    false,
  ],
  ["https://me.openai.azure.com", "https://me.openai.azure.com/openai/v1", "", false],
  [
    "https://me.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21",
    "https://me.openai.azure.com/openai/deployments/mine",
    "?api-version=2024-10-21",
    false,
  ],
  [
    "https://me.services.ai.azure.com/models?api-version=2024-05-01-preview",
    "https://me.services.ai.azure.com/models",
    "?api-version=2024-05-01-preview",
    false,
  ],
  ["localhost:1234/v1", "http://localhost:1234/v1", "", true],
  ["127.0.0.1:8080", "http://127.0.0.1:8080", "", true],
  ["https://x.test/v1?api-version=1", "https://x.test/v1", "?api-version=1", false],
  ["https://x.test/v1#part", "https://x.test/v1", "", false],
  ["http://localhost:1234/v1", "http://localhost:1234/v1", "", true],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080", "", true],
  ["http://127.1:8080", "http://127.0.0.1:8080", "", true],
  ["http://[::1]:8080/v1", "http://[::1]:8080/v1", "", true],
];

const REFUSED: [string, RegExp][] = [
  ["", /looks like https:/],
  ["api.openai.com/v1", /looks like https:/],
  ["ftp://x.test", /looks like https:/],
  ["file:///etc/passwd", /looks like https:/],
  ["javascript:alert(1)", /looks like https:/],
  ["https://", /looks like https:/],
  ["sk-pasted-into-the-wrong-box", /looks like https:/],
  ["https://user:secret@x.test/v1", /user name or password/],
  ["https://sk-secret@x.test/v1", /user name or password/],
  ["http://api.openai.com/v1", /clear text.*allowInsecureHttp/],
  ["http://192.168.0.5/v1", /clear text/],
  ["http://localhost.evil.com/v1", /clear text/],
  ["http://127.0.0.1.evil.com/v1", /clear text/],
  ["http://0.0.0.0:8080/v1", /clear text/],
  [
    "https://platform.openai.com/api-keys",
    /web page of OpenAI\. Its API is at https:\/\/api\.openai\.com\/v1/,
  ],
  ["https://console.groq.com/keys", /web page of Groq/],
  ["https://aistudio.google.com", /web page of Google Gemini/],
  ["https://huggingface.co/models", /web page of Hugging Face.*router\.huggingface\.co/],
  ["https://RESOURCE.openai.azure.com/openai/v1", /placeholder/],
  ["https://x.test/<your-id>/v1", /placeholder/],
  ["https://x.test/${ACCOUNT}/v1", /placeholder/],
  ["https://x.test/YOUR_ACCOUNT/v1", /placeholder/],
];

describe("parseBaseUrl", () => {
  for (const [text, url, query, isLoopback] of PARSED) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const parsed = parseBaseUrl(text);
      const { origin } = new URL(url);
      const isBare = isLoopback && url === origin;
      assert.deepEqual(parsed, { url, query, isLoopback, isBare, origin });
    });
  }

  for (const [text, message] of REFUSED) {
    it(`refuses ${JSON.stringify(text)} and repeats no secret`, () => {
      assert.throws(
        () => parseBaseUrl(text),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "invalid_settings");
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret|sk-/);
          return true;
        },
      );
    });
  }

  it("knows the path of a preset where only its host was given", () => {
    const at = (url: string, preset: PresetName) => parseBaseUrl(url, { preset });
    assert.equal(at("http://127.0.0.1:9999", "lmstudio").url, "http://127.0.0.1:9999/v1");
    assert.equal(at("localhost:11434/api/tags", "ollama").url, "http://localhost:11434/v1");
    assert.equal(at("http://127.0.0.1:9999", "lmstudio").isBare, false);
    assert.throws(
      () => at("https://me.openai.azure.com", "azure-classic"),
      /needs a path. It looks like .*\/deployments\/DEPLOYMENT\?api-version=/,
    );
  });

  it("takes http:// to another machine where that is allowed", () => {
    const { url } = parseBaseUrl("http://192.168.0.5/v1", { allowInsecureHttp: true });
    assert.equal(url, "http://192.168.0.5/v1");
  });
});

describe("isLoopbackHost", () => {
  for (const host of ["localhost", "127.0.0.1", "127.255.0.9", "[::1]"]) {
    it(`takes ${host} for this machine`, () => {
      assert.equal(isLoopbackHost(host), true);
    });
  }

  for (const host of [
    "",
    "0.0.0.0",
    "[::]",
    "::1",
    "localhost.",
    "127.0.0.1.x",
    "128.0.0.1",
    "x",
  ]) {
    it(`takes "${host}" for another`, () => {
      assert.equal(isLoopbackHost(host), false);
    });
  }
});

describe("providerIdFor", () => {
  const IDS: [string, string][] = [
    ["https://api.openai.com", "openai"],
    ["https://openrouter.ai", "openrouter"],
    ["https://api.x.ai", "x"],
    ["https://generativelanguage.googleapis.com", "generativelanguage"],
    ["https://inference.example.co.uk", "example"],
    ["http://localhost:1234", "local"],
    ["http://[::1]:1234", "local"],
    ["http://10.0.0.5", "10.0.0.5"],
    ["http://host", "host"],
  ];

  for (const [origin, id] of IDS) {
    it(`calls ${origin} "${id}"`, () => {
      assert.equal(providerIdFor(origin), id);
    });
  }

  it("always gives an id that the settings accept", () => {
    const origins = [
      "http://[fe80::1]",
      "http://[2001:db8::]",
      "https://api.www",
      "https://xn--80ak6aa92e.com",
    ];
    for (const origin of origins) {
      assert.match(providerIdFor(origin), /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, origin);
    }
  });
});
