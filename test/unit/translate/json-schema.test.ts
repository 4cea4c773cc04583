import assert from "node:assert/strict";
import type { SchemaRules } from "../../../src/protocol/dialect.ts";
import { cleanSchema } from "../../../src/translate/json-schema.ts";

const text = { type: "string" };

/** Whose rules, what for, before and after. */
const CASES: [SchemaRules, string, object, object, ("tool" | "format")?][] = [
  [
    "any",
    "nothing",
    { $schema: "x", oneOf: [text], additionalProperties: false },
    { $schema: "x", oneOf: [text], additionalProperties: false },
  ],
  [
    "gemini",
    "what it does not know",
    {
      $schema: "x",
      $id: "y",
      type: "object",
      additionalProperties: false,
      patternProperties: { a: text },
      propertyNames: text,
      properties: { a: text },
    },
    { type: "object", properties: { a: text } },
  ],
  [
    "gemini",
    "types that may be null",
    { type: ["string", "null"] },
    { type: "string", nullable: true },
  ],
  [
    "gemini",
    "several types",
    { type: ["string", "integer"] },
    { anyOf: [{ type: "string" }, { type: "integer" }] },
  ],
  ["gemini", "a constant", { const: "a" }, { type: "string", enum: ["a"] }],
  ["gemini", "choices that are no texts", { type: "integer", enum: [1, 2] }, { type: "integer" }],
  ["gemini", "oneOf", { oneOf: [text, { const: 1 }] }, { anyOf: [text, {}] }],
  [
    "gemini",
    "allOf",
    { allOf: [{ type: "object" }, { required: ["a"] }] },
    { type: "object", required: ["a"] },
  ],
  [
    "gemini",
    "formats but for its own",
    {
      type: "object",
      properties: {
        a: { type: "string", format: "email" },
        b: { type: "string", format: "date-time" },
      },
    },
    { type: "object", properties: { a: text, b: { type: "string", format: "date-time" } } },
  ],
  [
    "gemini",
    "references",
    {
      type: "object",
      properties: { a: { $ref: "#/$defs/A" } },
      $defs: { A: { type: "object", properties: { b: { $ref: "#/$defs/B" } } }, B: text },
    },
    { type: "object", properties: { a: { type: "object", properties: { b: text } } } },
  ],
  [
    "gemini",
    "a property that is called like a keyword",
    { type: "object", properties: { const: text, $ref: text, format: text } },
    { type: "object", properties: { const: text, $ref: text, format: text } },
  ],
  [
    "mistral",
    "names and references",
    {
      $schema: "x",
      $id: "y",
      type: "object",
      properties: { a: { $ref: "#/definitions/a~1b" } },
      definitions: { "a/b": text },
    },
    { type: "object", properties: { a: text } },
  ],
  ["moonshot", "a root without a type", { properties: {} }, { type: "object", properties: {} }],
  [
    "moonshot",
    "tuples",
    { type: "array", items: [text, text] },
    { type: "array", prefixItems: [text, text] },
  ],
  [
    "moonshot",
    "a type beside alternatives",
    {
      type: "object",
      properties: { a: { type: "string", anyOf: [{ minLength: 1 }, { maxLength: 0 }] } },
    },
    {
      type: "object",
      properties: {
        a: {
          anyOf: [
            { type: "string", minLength: 1 },
            { type: "string", maxLength: 0 },
          ],
        },
      },
    },
  ],
  [
    "xai",
    "closed objects of tools",
    {
      type: "object",
      additionalProperties: false,
      properties: { a: { type: "object", additionalProperties: false } },
    },
    { type: "object", properties: { a: { type: "object" } } },
  ],
  [
    "xai",
    "nothing of a format",
    { type: "object", additionalProperties: false },
    { type: "object", additionalProperties: false },
    "format",
  ],
  [
    "closed",
    "open objects of a format",
    { type: "object", properties: { a: { type: "array", items: { type: "object" } } } },
    {
      type: "object",
      additionalProperties: false,
      properties: { a: { type: "array", items: { type: "object", additionalProperties: false } } },
    },
    "format",
  ],
  ["closed", "nothing of a tool", { type: "object" }, { type: "object" }],
];

describe("cleanSchema", () => {
  for (const [rules, name, before, after, use = "tool"] of CASES) {
    it(`changes for ${rules}: ${name}`, () => {
      const given = structuredClone(before);
      assert.deepEqual(cleanSchema(given, { rules, use }), after);
      assert.deepEqual(given, before, "the client's own stays as it is");
    });
  }

  it("writes out a schema that refers to itself, as deep as is of use", () => {
    const tree = {
      $ref: "#/$defs/Tree",
      $defs: { Tree: { type: "object", properties: { left: { $ref: "#/$defs/Tree" } } } },
    };
    const written = JSON.stringify(cleanSchema(tree, { rules: "gemini", use: "tool" }));
    assert.doesNotMatch(written, /\$ref|\$defs/);
    assert.equal(written.split('"left"').length - 1, 5);
  });

  it("survives what is no schema", () => {
    for (const value of [
      undefined,
      null,
      true,
      "x",
      [],
      { properties: null, items: 1, anyOf: {} },
    ]) {
      for (const rules of ["gemini", "mistral", "moonshot", "xai", "closed"] as const) {
        assert.doesNotThrow(() => cleanSchema(value, { rules, use: "tool" }));
      }
    }
  });

  it("leaves a reference that leads nowhere out", () => {
    const schema = { type: "object", properties: { a: { $ref: "#/$defs/No", description: "d" } } };
    assert.deepEqual(cleanSchema(schema, { rules: "mistral", use: "tool" }), {
      type: "object",
      properties: { a: { description: "d" } },
    });
  });
});
