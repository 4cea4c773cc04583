import assert from "node:assert/strict";
import fc from "fast-check";
import { toProviderRequest } from "../../src/translate/chat-call.ts";
import { toChatCall } from "../../src/translate/chat-request.ts";
import { dialectFor } from "../../src/upstream/dialects.ts";
import { message } from "../support/any-message.ts";
import { bodyRefusalAt, STRICT_PRESETS } from "../support/strict-presets.ts";

describe("any history at a provider as strict as the real one", () => {
  for (const preset of STRICT_PRESETS) {
    it(`is accepted: ${preset}`, () => {
      const model = preset === "azure" ? "gpt-4o" : "m";
      const dialect = dialectFor({ preset, modelId: model });
      fc.assert(
        fc.property(
          fc.array(message, { minLength: 1, maxLength: 8 }),
          fc.constantFrom(undefined, true, false),
          (messages, think) => {
            const call = toChatCall({ model, messages, think });
            const options = { model, dialect, recall: () => undefined };
            const { request } = toProviderRequest(call, options);
            if (request.messages.length === 0) return;
            const sent = JSON.parse(JSON.stringify(request)) as object;
            assert.equal(bodyRefusalAt(preset, sent), undefined, JSON.stringify(sent));
          },
        ),
        { numRuns: 300 },
      );
    });
  }
});
