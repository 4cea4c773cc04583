import type * as openai from "../protocol/openai.ts";
import { BridgeError } from "../base/errors.ts";

export interface EmbeddingsOptions {
  /** The provider's id, in front of each message. */
  provider: string;
  /** How many vectors were asked for. */
  inputs: number;
  redact: (text: string) => string;
}

/**
 * The body of `POST /embeddings`.
 *
 * @throws BridgeError `upstream_failed` when it is not one vector for each input
 */
export function parseEmbeddings(text: string, { provider }: EmbeddingsOptions): openai.Embeddings {
  throw new BridgeError(
    "upstream_failed",
    `${provider}: ${text.length} characters are not embeddings.`,
  );
}
