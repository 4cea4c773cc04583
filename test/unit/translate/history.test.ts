import assert from "node:assert/strict";
import fc from "fast-check";
import type * as ollama from "../../../src/protocol/ollama.ts";
import { toProviderRequest } from "../../../src/translate/chat-call.ts";
import { toChatCall } from "../../../src/translate/chat-request.ts";
import type { PresetName } from "../../../src/upstream/presets.ts";
import { dialectFor } from "../../../src/upstream/dialects.ts";
import { message } from "../../support/any-message.ts";
import { refusalOf } from "../../support/strict-provider.ts";

function repaired(messages: ollama.Message[], preset: PresetName) {
  const call = toChatCall({ model: "m", messages, stream: false });
  const dialect = dialectFor({ preset, modelId: "m" });
  return toProviderRequest(call, { model: "m", dialect, recall: () => undefined }).request;
}

describe("any history", () => {
  it("is one that a strict provider accepts, once it is repaired", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        const asked = [...messages, { role: "user", content: "Go on." }];
        const request = repaired(asked, "openai");
        assert.equal(refusalOf("/v1/chat/completions", request), undefined);
      }),
      { numRuns: 1000 },
    );
  });

  it("has ids that Mistral accepts, where it is Mistral's", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const { messages: sent } = repaired(messages, "mistral");
        const ids = sent.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => call.id));
        for (const one of ids) assert.match(one, /^[A-Za-z0-9]{9}$/);
      }),
    );
  });

  it("loses no word that anybody said", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const sent = JSON.stringify(repaired(messages, "openai").messages);
        const count = (text: string, part: string) => text.split(part).length - 1;
        for (const part of ["Hello.", "18 C"]) {
          const said = messages.filter(({ content }) => content === part).length;
          assert.equal(count(sent, part), said);
        }
      }),
    );
  });

  it("has the same ids each time, so that providers' caches hold", () => {
    const call = { function: { name: "now", arguments: {} } };
    const history = [
      { role: "user", content: "Time?" },
      { role: "assistant", content: "", tool_calls: [call, call] },
      { role: "tool", content: "12:00" },
    ];
    const first = repaired(history, "openai").messages;
    const longer = repaired([...history, { role: "user", content: "Again." }], "openai");
    assert.deepEqual(longer.messages.slice(0, 2), first.slice(0, 2));
  });
});
