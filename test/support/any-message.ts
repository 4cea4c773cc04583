import fc from "fast-check";
import type * as ollama from "../../src/protocol/ollama.ts";

const name = fc.constantFrom("get_weather", "now");
const id = fc.constantFrom(undefined, "", "0", "call_abcdefgh", "call_ijklmnop");

const words = fc.constantFrom("", "Hello.", "18 C");

/** Whatever a client may have kept of a conversation, in any order. */
export const message: fc.Arbitrary<ollama.Message> = fc.oneof(
  fc.record({
    role: fc.constantFrom("user", "system", "USER", "developer"),
    content: fc.constant("Hi"),
  }),
  fc.record({ role: fc.constant("assistant"), content: words }),
  fc.record({
    role: fc.constant("assistant"),
    content: words,
    tool_calls: fc.array(
      fc.record({
        id,
        function: fc.record({
          name,
          arguments: fc.constantFrom<unknown>({}, { city: "Paris" }, '{"city":"Rome"}', ""),
        }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    role: fc.constant("tool"),
    content: words,
    tool_name: fc.option(name, { nil: undefined }),
    tool_call_id: id,
  }),
);
