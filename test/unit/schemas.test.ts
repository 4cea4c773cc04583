import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { checkAnswer } from "../support/schemas/check.ts";

const NDJSON = "application/x-ndjson";
const JSON_TYPE = "application/json; charset=utf-8";
const base = '"model":"m","created_at":"2026-01-02T09:30:00.005Z"';
const piece = `{${base},"message":{"role":"assistant","content":"a"},"done":false}`;
const final = `{${base},"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":1,"load_duration":1,"prompt_eval_duration":1,"eval_duration":1}`;

const check =
  (text: string, contentType = NDJSON, path = "/api/chat", status = 200) =>
  () => {
    checkAnswer({ path, status, contentType, text });
  };

describe("the schemas of these tests", () => {
  it("take what is right", () => {
    check(`${piece}\n${final}\n`)();
    check(`${piece}\n{"error":"gone"}\n`)();
    check('{"error":"no"}', JSON_TYPE, "/api/chat", 400)();
  });

  for (const [name, text] of [
    ["no end", `${piece}\n`],
    ["two ends", `${final}\n${final}\n`],
    ["words behind the end", `${final}\n${piece}\n`],
    ["an empty line", `${piece}\n\n${final}\n`],
    ["a last line that is not whole", `${piece}\n${final}`],
    ["an unknown field", `${piece.replace('"done":false', '"type":"x","done":false')}\n${final}\n`],
    ["a missing field", `${piece.replace(',"done":false', "")}\n${final}\n`],
    [
      "an error beside words",
      `${piece.replace('"done":false', '"error":null,"done":false')}\n${final}\n`,
    ],
    [
      "arguments as text",
      `${piece.replace('"content":"a"', '"content":"","tool_calls":[{"id":"1","function":{"index":0,"name":"f","arguments":"{}"}}]')}\n${final}\n`,
    ],
    ["a reason that Ollama does not have", `${final.replace('"stop"', '"tool_calls"')}\n`],
    ["a duration of 0", `${final.replace('"load_duration":1', '"load_duration":0')}\n`],
  ] as const) {
    it(`refuse ${name}`, () => {
      assert.throws(check(text));
    });
  }

  it("refuse an error in the other API's shape", () => {
    assert.throws(check('{"error":"no"}', JSON_TYPE, "/v1/chat/completions", 400));
    assert.throws(check('{"error":{"message":"no"}}', JSON_TYPE, "/api/chat", 400));
  });

  it("refuse a clean end behind an error", () => {
    const text =
      'data: {"error":{"message":"x","type":"api_error","param":null,"code":null}}\n\ndata: [DONE]\n\n';
    assert.throws(check(text, "text/event-stream", "/v1/chat/completions"));
  });
});

/** Ollama's own description: loose, but foreign. */
const OPENAPI = join(import.meta.dirname, "../../../shared/reference/ollama-openapi.yaml");

const PARTS: Record<string, { line: string; whole: string }> = {
  chat: { line: "ChatStreamEvent", whole: "ChatResponse" },
  generate: { line: "GenerateStreamEvent", whole: "GenerateResponse" },
};

describe("Ollama's own openapi.yaml", () => {
  if (!existsSync(OPENAPI)) {
    it(`is not asked: ${OPENAPI} is not here`);
    return;
  }
  const api = parse(readFileSync(OPENAPI, "utf8")) as {
    components: { schemas: Record<string, unknown> };
  };
  const inlined = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inlined);
    if (typeof value !== "object" || value === null) return value;
    const { $ref, ...rest } = value as Record<string, unknown>;
    if (typeof $ref === "string")
      return inlined(api.components.schemas[$ref.split("/").at(-1) ?? ""]);
    return Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, inlined(inner)]));
  };
  const compile = (name: string) =>
    z.fromJSONSchema(inlined(api.components.schemas[name]) as z.core.JSONSchema.JSONSchema);

  for (const [endpoint, { line, whole }] of Object.entries(PARTS)) {
    it(`takes every golden answer of ${endpoint}`, () => {
      const ofLine = compile(line);
      const ofWhole = compile(whole);
      const folder = join(import.meta.dirname, "../golden", endpoint);
      const files = readdirSync(folder).flatMap((name) =>
        readdirSync(join(folder, name))
          .filter((file) => /^4-client\.200\.(json|ndjson)$/.test(file))
          .map((file) => join(folder, name, file)),
      );
      assert.ok(files.length > 10);
      for (const file of files) {
        const text = readFileSync(file, "utf8").replaceAll(
          /"context":\[(?=\{)[^\]]*\]/g,
          '"context":[]',
        );
        const lines = file.endsWith(".ndjson") ? text.trimEnd().split("\n") : [text];
        for (const one of lines) {
          const answer = JSON.parse(one) as object;
          const result = (file.endsWith(".ndjson") ? ofLine : ofWhole).safeParse(answer);
          assert.ok(
            result.success,
            `${file}: ${result.success ? "" : z.prettifyError(result.error)}`,
          );
        }
      }
    });
  }
});
