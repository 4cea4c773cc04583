import type { SchemaRules } from "../protocol/dialect.ts";

type Schema = Record<string, unknown>;

/** A schema that the provider's parser takes, as near to the given one as it lets. The given one stays as it is. */
export function cleanSchema(
  schema: unknown,
  { rules, use }: { rules: SchemaRules; use: "tool" | "format" },
): unknown {
  if (rules === "any" || !isSchema(schema)) return schema;
  switch (rules) {
    case "gemini":
      return without(walk(withoutReferences(schema), forGemini), DEFINITIONS);
    case "mistral":
      return without(walk(withoutReferences(schema), unnamed), DEFINITIONS);
    case "moonshot":
      return { type: "object", ...walk(schema, forMoonshot) };
    case "xai":
      return use === "tool" ? walk(schema, withoutClosing) : schema;
    case "closed":
      return use === "format" ? walk(schema, closed) : schema;
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keywords whose value is a schema, a list of them, or a table of them. */
const ONE = ["items", "additionalProperties", "not", "contains", "if", "then", "else"];
const LIST = ["anyOf", "oneOf", "allOf", "prefixItems", "items"];
const DEFINITIONS = ["$defs", "definitions"];
const TABLE = ["properties", "patternProperties", ...DEFINITIONS];

/** Changes every schema of a schema, the inner ones first. */
function walk(schema: Schema, change: (schema: Schema) => Schema): Schema {
  return change(mapChildren(schema, (child) => walk(child, change)));
}

function mapChildren(schema: Schema, change: (child: Schema) => Schema): Schema {
  const inner = (value: unknown) => (isSchema(value) ? change(value) : value);
  const mapped = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (LIST.includes(keyword) && Array.isArray(value)) return [keyword, value.map(inner)];
    if (ONE.includes(keyword)) return [keyword, inner(value)];
    if (!TABLE.includes(keyword) || !isSchema(value)) return [keyword, value];
    const table = Object.entries(value).map(([name, one]) => [name, inner(one)]);
    return [keyword, Object.fromEntries(table)];
  });
  return Object.fromEntries(mapped);
}

function without(schema: Schema, keywords: string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !keywords.includes(name)));
}

/** So deep a schema that refers to itself is written out; below it, anything goes. */
const MAX_REFERENCES = 5;

/** Every `$ref` into the schema itself is replaced by what it names. */
function withoutReferences(root: Schema): Schema {
  const resolve = (schema: Schema, depth: number): Schema => {
    const { $ref, ...others } = schema;
    if (typeof $ref !== "string") return mapChildren(schema, (child) => resolve(child, depth));
    const named = depth < MAX_REFERENCES ? lookUp(root, $ref) : undefined;
    return named ? resolve({ ...named, ...others }, depth + 1) : others;
  };
  return resolve(root, 0);
}

/** `#/$defs/Name`, with JSON Pointer's escapes. */
function lookUp(root: Schema, reference: string): Schema | undefined {
  if (!reference.startsWith("#")) return undefined;
  const names = reference.slice(1).split("/").filter(Boolean);
  const found = names.reduce<unknown>(
    (value, name) =>
      isSchema(value) ? value[name.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined,
    root,
  );
  return isSchema(found) ? found : undefined;
}

const NOT_IN_GEMINI = [
  "$schema",
  "$id",
  "$comment",
  "additionalProperties",
  "const",
  "propertyNames",
  "patternProperties",
  "oneOf",
  "allOf",
  "not",
  "if",
  "then",
  "else",
  "prefixItems",
  "contains",
  "examples",
  "exclusiveMinimum",
  "exclusiveMaximum",
];

const GEMINI_FORMATS = ["enum", "date-time"];

function forGemini(schema: Schema): Schema {
  const { const: constant, oneOf, allOf, type, enum: values, format, ...others } = schema;
  const types = Array.isArray(type) ? type.filter((one) => one !== "null") : [type];
  const isNullable = Array.isArray(type) && type.includes("null");
  const texts = constant === undefined ? values : [constant];
  const areTexts = Array.isArray(texts) && texts.every((one) => typeof one === "string");
  const merged = Array.isArray(allOf) ? (allOf as Schema[]).map(Object.entries).flat() : [];
  return {
    ...without(others, NOT_IN_GEMINI),
    ...Object.fromEntries(merged as [string, unknown][]),
    ...(types.length === 1 && types[0] !== undefined && { type: types[0] }),
    ...(types.length > 1 && { anyOf: types.map((one: unknown) => ({ type: one })) }),
    ...(isNullable && { nullable: true }),
    ...(Array.isArray(oneOf) && { anyOf: oneOf }),
    ...(areTexts && { type: "string", enum: texts }),
    ...(typeof format === "string" && GEMINI_FORMATS.includes(format) && { format }),
  };
}

function unnamed(schema: Schema): Schema {
  return without(schema, ["$schema", "$id"]);
}

/** Tuples have another name there, and a type beside alternatives belongs into each of them. */
function forMoonshot(schema: Schema): Schema {
  const { items, anyOf, type, ...others } = schema;
  const hasBranches = Array.isArray(anyOf) && type !== undefined;
  return {
    ...others,
    ...(!hasBranches && type !== undefined && { type }),
    ...(Array.isArray(items) ? { prefixItems: items } : items !== undefined && { items }),
    ...(Array.isArray(anyOf) && {
      anyOf: hasBranches ? (anyOf as Schema[]).map((branch) => ({ type, ...branch })) : anyOf,
    }),
  };
}

function withoutClosing(schema: Schema): Schema {
  return schema["additionalProperties"] === false
    ? without(schema, ["additionalProperties"])
    : schema;
}

function closed(schema: Schema): Schema {
  return schema["type"] === "object" ? { ...schema, additionalProperties: false } : schema;
}
