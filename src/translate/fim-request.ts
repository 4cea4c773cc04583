import type { FimStrategy } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";
import type { Hole } from "./fim-templates.ts";
export const DEFAULT_HOLE_TOKENS = 256;
export interface HoleCall { modelId: string; stream: boolean; stops: string[]; maxTokens: number; temperature?: number | undefined; topP?: number | undefined; seed?: number | undefined }
export type FimRequest = | { kind: "completion"; route: openai.CompletionRoute; request: openai.CompletionRequest | openai.InfillRequest } | { kind: "chat"; request: openai.ChatRequest };
export function toFimRequest(_strategy: FimStrategy, _hole: Hole, _call: HoleCall): FimRequest | undefined { return undefined; }
