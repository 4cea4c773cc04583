import type * as z from "zod/mini";

/**
 * The value with its keys spelled as the schema spells them: Go's decoder takes any case, so clients may send
 * `Model` or `MESSAGES`. Keys that the schema does not know stay; of two spellings the exact one wins.
 */
export function withKnownKeys(value: unknown, schema: z.core.$ZodType): unknown {
  const { def } = schema._zod;
  if (isWrapper(def)) return withKnownKeys(value, def.innerType);
  if (isArray(def)) {
    return Array.isArray(value) ? value.map((item) => withKnownKeys(item, def.element)) : value;
  }
  if (!isObject(def) || typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const { shape } = def;
  const spelling = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]));
  const known: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const exact = spelling.get(key.toLowerCase()) ?? key;
    if (exact !== key && exact in value) continue;
    const field = Object.hasOwn(shape, exact) ? shape[exact] : undefined;
    Object.defineProperty(known, exact, {
      value: field ? withKnownKeys(inner, field) : inner,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return known;
}

type Def = z.core.$ZodTypeDef;

function isWrapper(def: Def): def is Def & { innerType: z.core.$ZodType } {
  return def.type === "optional" || def.type === "nullable";
}

function isArray(def: Def): def is Def & { element: z.core.$ZodType } {
  return def.type === "array";
}

function isObject(def: Def): def is Def & { shape: Record<string, z.core.$ZodType> } {
  return def.type === "object";
}
