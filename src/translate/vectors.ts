/** The vector with length 1, as `/api/embed` gives it; one of zeros stays. */
export function normalized(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

/** The first dimensions, which models trained for it keep most of their meaning in. A longer wish changes nothing. */
export function shortened(vector: number[], dimensions: number | undefined): number[] {
  if (dimensions === undefined || dimensions <= 0 || vector.length <= dimensions) return vector;
  return normalized(vector.slice(0, dimensions));
}

/** Little-endian floats of four bytes in base64, as OpenAI's SDKs ask for them. */
export function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString("base64");
}
