import { BridgeError } from "../base/errors.ts";

/** The first bytes of each format, in hexadecimal; dots are any. */
const MAGIC: readonly [pattern: RegExp, type: string][] = [
  [/^89504e470d0a1a0a/, "image/png"],
  [/^ffd8ff/, "image/jpeg"],
  [/^474946383[79]61/, "image/gif"],
  [/^52494646.{8}57454250/, "image/webp"],
  [/^424d/, "image/bmp"],
];

/** Base64 characters that hold the longest magic. */
const MAGIC_CHARS = 16;

/**
 * An image as a data URI: from bare base64, a data URI, an `http(s)` URL (left for the provider to fetch), or
 * bytes that JSON turned into an object (ollama-ai-provider-v2 sends `{"0":137,…}`, Node `{type:"Buffer",data}`).
 * The type is what the bytes say; unknown ones count as JPEG, as Ollama does.
 *
 * @throws BridgeError `invalid_request` for what is no image at all
 */
export function toImageUrl(image: unknown): string {
  if (typeof image === "string") return fromText(image.trim());
  const bytes = bytesIn(image);
  if (bytes) return toDataUri(Buffer.from(bytes).toString("base64"), undefined);
  throw new BridgeError("invalid_request", "an image is neither base64 text nor bytes");
}

function fromText(text: string): string {
  if (/^https?:\/\//i.test(text)) return text;
  const [, declared, data = text] = /^data:([^;,]*)(?:;[^,]*)?,(.*)$/s.exec(text) ?? [];
  const base64 = data.replaceAll(/\s/g, "").replaceAll("-", "+").replaceAll("_", "/");
  const wrong = base64.search(/[^A-Za-z0-9+/=]/);
  if (base64 === "" || wrong !== -1) {
    const position = Math.max(wrong, 0);
    throw new BridgeError("invalid_request", `illegal base64 data at input byte ${position}`);
  }
  return toDataUri(base64, declared || undefined);
}

function toDataUri(base64: string, declared: string | undefined): string {
  const start = Buffer.from(base64.slice(0, MAGIC_CHARS), "base64").toString("hex");
  const found = MAGIC.find(([pattern]) => pattern.test(start))?.[1];
  return `data:${found ?? declared ?? "image/jpeg"};base64,${base64}`;
}

function bytesIn(image: unknown): number[] | undefined {
  if (typeof image !== "object" || image === null) return undefined;
  const { data } = image as { data?: unknown };
  const bytes: unknown[] = Array.isArray(image)
    ? image
    : Array.isArray(data)
      ? data
      : Object.values(image);
  return bytes.length > 0 && bytes.every((byte) => Number.isInteger(byte))
    ? (bytes as number[])
    : undefined;
}
