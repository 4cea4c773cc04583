import type * as openai from "../protocol/openai.ts";

/** The vector with length 1, as `/api/embed` gives it; one of zeros stays. */
export function normalized(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

/** The first dimensions, which models trained for it keep most of their meaning in. A longer wish changes nothing. */
export function shortened(vector: number[], dimensions: number | undefined): number[] {
  if (dimensions === undefined || dimensions <= 0 || vector.length <= dimensions) return vector;
  return normalized(vector.slice(0, dimensions));
}

/** The answers to parts of one question. Their tokens count only if each of them told. */
export function joined(parts: readonly openai.Embeddings[]): openai.Embeddings {
  const tokens = parts.map(({ promptTokens }) => promptTokens);
  return {
    vectors: parts.flatMap(({ vectors }) => vectors),
    promptTokens: tokens.every((count) => count !== undefined)
      ? tokens.reduce((sum, count) => sum + count, 0)
      : undefined,
  };
}

/** Little-endian floats of four bytes in base64, as OpenAI's SDKs ask for them. */
export function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}
