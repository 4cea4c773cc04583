import assert from "node:assert/strict";
import { BridgeError } from "../../../src/base/errors.ts";
import { listModels } from "../../../src/upstream/model-list.ts";
import { presetOf, type PresetName } from "../../../src/upstream/presets.ts";

const answered = (status: number) =>
  new BridgeError(status === 401 ? "upstream_unauthorized" : "upstream_rejected", `${status}`, {
    upstreamStatus: status,
  });

/** What a provider's paths answer: a body, or an error; what is not named is a 404. */
type Paths = Record<string, object | BridgeError>;

async function list(preset: PresetName, paths: Paths, ids: string[] = []) {
  const asked: string[] = [];
  const models = await listModels({
    provider: "p",
    list: presetOf(preset).list,
    isOllama: preset === "ollama",
    ids,
    get(path) {
      asked.push(path);
      const found = paths[path] ?? answered(404);
      return found instanceof BridgeError
        ? Promise.reject(found)
        : Promise.resolve(JSON.stringify(found));
    },
  });
  return { models, asked, ids: models.map(({ id }) => id) };
}

const data = (...models: object[]) => ({ data: models });

describe("listModels", () => {
  it("takes LM Studio's own list, which tells the context, and the plain one where that is missing", async () => {
    const own = data({ id: "a", loaded_context_length: 4096, max_context_length: 131_072 });
    const { models } = await list("lmstudio", { "/../api/v0/models": own });
    assert.equal(models[0]?.contextLength, 4096);
    const plain = await list("lmstudio", { "/models": data({ id: "b" }) });
    assert.deepEqual(plain.asked, ["/../api/v0/models", "/models"]);
    assert.deepEqual(plain.ids, ["b"]);
  });

  it("takes LiteLLM's information, and its plain list where the key is no administrator's", async () => {
    const info = {
      model_name: "gpt",
      model_info: {
        id: "uuid",
        max_input_tokens: 8000,
        supports_vision: true,
        supports_function_calling: false,
        input_cost_per_token: 0.000_001,
        output_cost_per_token: 0.000_002,
      },
    };
    const [model] = (await list("litellm", { "/model/info": data(info) })).models;
    assert.equal(model?.id, "gpt");
    assert.deepEqual([model.contextLength, model.vision, model.tools], [8000, true, false]);
    assert.deepEqual(model.price, { input: 0.000_001, output: 0.000_002, cached: undefined });
    for (const status of [401, 403]) {
      const paths = { "/model/info": answered(status), "/models": data({ id: "gpt" }) };
      assert.deepEqual((await list("litellm", paths)).ids, ["gpt"]);
    }
  });

  it("takes the context of llama.cpp from its settings, not from the training", async () => {
    const listed = data({ id: "a", owned_by: "llamacpp", meta: { n_ctx_train: 131_072 } });
    const props = {
      default_generation_settings: { n_ctx: 8192 },
      modalities: { vision: true },
    };
    const [model] = (await list("llama-cpp", { "/models": listed, "/../props": props })).models;
    assert.deepEqual([model?.contextLength, model?.vision], [8192, true]);
    const [older] = (await list("llama-cpp", { "/models": listed })).models;
    assert.equal(older?.id, "a");
  });

  it("adds OpenRouter's embedding models, and does without them", async () => {
    const paths = { "/models": data({ id: "a" }), "/embeddings/models": data({ id: "embed" }) };
    assert.deepEqual((await list("openrouter", paths)).ids, ["a", "embed"]);
    assert.deepEqual((await list("openrouter", { "/models": data({ id: "a" }) })).ids, ["a"]);
  });

  it("knows models that no list has, and takes the user's own", async () => {
    assert.ok((await list("perplexity", {})).ids.includes("sonar-pro"));
    assert.deepEqual((await list("azure-classic", {}, ["deployment"])).ids, ["deployment"]);
    assert.deepEqual((await list("openai", {}, ["mine"])).ids, ["mine"]);
  });

  it("prefers what a list tells of a model to its mere id", async () => {
    const paths = { "/models": data({ id: "a", context_length: 5 }) };
    const { models } = await list("openai", paths, ["a"]);
    assert.deepEqual(
      models.map(({ id, contextLength }) => [id, contextLength]),
      [["a", 5]],
    );
  });

  it("reads what a real Ollama lists", async () => {
    const entry = { name: "x:1b", model: "x:1b", size: 5, digest: "d", details: { family: "x" } };
    const { models } = await list("ollama", { "/../api/tags": { models: [entry] } });
    assert.equal(models[0]?.id, "x:1b");
    assert.equal(models[0].listed?.size, 5);
  });

  it("tells a wrong key, also where some models are known", async () => {
    const paths = { "/models": answered(401) };
    await assert.rejects(list("openai", paths, ["mine"]), { code: "upstream_unauthorized" });
  });

  for (const [name, pricing, price] of [
    ["OpenRouter's", { prompt: "0.0000025", completion: "0.00001" }, [0.000_002_5, 0.000_01]],
    ["Together's, for a million", { input: 0.6, output: 1.2 }, [0.000_000_6, 0.000_001_2]],
    ["nobody's", {}, [undefined, undefined]],
    ["a price that is none", { prompt: "-1", completion: "-1" }, [undefined, undefined]],
  ] as const) {
    it(`reads prices: ${name}`, async () => {
      const { models } = await list("openai", { "/models": data({ id: "a", pricing }) });
      const { input, output } = models[0]?.price ?? {};
      assert.deepEqual([input, output], price);
    });
  }
});
