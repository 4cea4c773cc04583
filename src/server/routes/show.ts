import { BridgeError } from "../../base/errors.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { toShownModel } from "../../catalog/model-answers.ts";
import { toListedName } from "../../catalog/names.ts";
import * as ollama from "../../protocol/ollama.ts";
import { readBody } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { json } from "../reply.ts";

/** `POST /api/show`. Only here Ollama names an unknown model with its tag. */
export async function show(
  exchange: Exchange,
  { catalog, maxBodyBytes }: { catalog: Catalog; maxBodyBytes: number },
): Promise<Response> {
  const { request } = exchange;
  const { model, name, ...others } = await readBody(request, ollama.showRequest, {
    name: "ShowRequest",
    maxBytes: maxBodyBytes,
  });
  const wanted = model || name;
  if (!wanted) throw new BridgeError("invalid_request", "model is required");
  const { card, preset, upstream, modelId } = await catalog
    .resolve(wanted)
    .catch((error: unknown) => {
      throw withTag(error, wanted);
    });
  if (upstream.native && !preset) {
    // A real Ollama knows its own model best.
    const asked = { ...others, model: modelId };
    for await (const [answer] of await upstream.native("/api/show", asked, exchange)) {
      if (answer) return json(answer);
    }
  }
  if (!card) throw notFound(wanted);
  const isCopilot = request.headers.get("user-agent")?.startsWith("GitHubCopilotChat/") === true;
  return json(toShownModel(card, { preset, ...(isCopilot && { basename: wanted }) }));
}

function withTag(error: unknown, name: string): unknown {
  return error instanceof BridgeError && error.code === "model_not_found" ? notFound(name) : error;
}

function notFound(name: string): BridgeError {
  return new BridgeError("model_not_found", `model '${toListedName(name)}' not found`);
}
