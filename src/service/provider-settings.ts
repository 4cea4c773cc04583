import * as z from "zod/mini";
import { PRESET_NAMES, presetOf } from "../upstream/presets.ts";
import { quirksSchema } from "./quirks-schema.ts";

const timeoutSchema = z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1));

/** Keys do not belong into settings, and what belongs to the connection is the bridge's to say. */
const FORBIDDEN_HEADERS =
  /^(authorization|api-key|x-api-key|x-goog-api-key|cookie|proxy-authorization|host|connection|content-length|content-type|transfer-encoding|accept-encoding)$/i;

const headersSchema = z.record(z.string(), z.string()).check(
  z.check<Record<string, string>>(({ value, issues }) => {
    const name = Object.keys(value).find((one) => FORBIDDEN_HEADERS.test(one));
    const broken = Object.entries(value).find(
      ([one, text]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(one) || /[\r\n\0]/.test(text),
    );
    if (name !== undefined) {
      const message = `the header ${name} cannot be set here. Keys are asked for by "Set API Key", or named by apiKeyEnv`;
      issues.push({ code: "custom", message, input: value, path: [name] });
    } else if (broken) {
      const message = "it is not a header that HTTP can carry";
      issues.push({ code: "custom", message, input: value, path: [broken[0]] });
    }
  }),
);

const providerSchema = z
  .strictObject({
    id: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)),
    preset: z.optional(z.enum(PRESET_NAMES)),
    baseUrl: z.optional(z.string().check(z.minLength(1))),
    apiKeyEnv: z.optional(z.string().check(z.minLength(1))),
    headers: z.optional(headersSchema),
    models: z.optional(
      z.strictObject({
        include: z.optional(z.array(z.string())),
        exclude: z.optional(z.array(z.string())),
        ids: z.optional(z.array(z.string())),
      }),
    ),
    timeouts: z.optional(
      z.strictObject({
        connectMs: z.optional(timeoutSchema),
        firstByteMs: z.optional(timeoutSchema),
        embedFirstByteMs: z.optional(timeoutSchema),
        listFirstByteMs: z.optional(timeoutSchema),
        idleMs: z.optional(timeoutSchema),
        totalMs: z.optional(timeoutSchema),
      }),
    ),
    quirks: z.optional(quirksSchema),
    modelQuirks: z.optional(z.record(z.string(), quirksSchema)),
  })
  .check(
    z.check(({ value, issues }) => {
      const { preset, baseUrl } = value;
      if (baseUrl !== undefined) return;
      const { title, baseUrl: known, example = "" } = preset ? presetOf(preset) : {};
      if (known !== undefined) return;
      const message = title
        ? `the preset of ${title} needs one. It looks like ${example}`
        : "a provider needs one, or a preset";
      issues.push({ code: "custom", message, input: value, path: ["baseUrl"] });
    }),
  );

/** One OpenAI-compatible provider. `apiKeyEnv` names an environment variable and is read by the CLI only. */
export type ProviderSettings = z.output<typeof providerSchema>;

/** Keys are kept by id: two providers with one would get each other's. */
const uniqueIds = z.check<ProviderSettings[]>(({ value, issues }) => {
  const ids = value.map(({ id }) => id);
  const index = ids.findIndex((id, position) => ids.indexOf(id) < position);
  if (index === -1) return;
  const message = `another provider has the id "${ids[index] ?? ""}" too`;
  issues.push({ code: "custom", message, input: value, path: [index, "id"] });
});

/** In the order in which they are listed. */
export const providersSchema = z.array(providerSchema).check(uniqueIds);

const names = z.array(z.string().check(z.minLength(1))).check(z.minLength(1));
const modelOrChain = z.union([z.string().check(z.minLength(1)), names]);

/** A model, a chain of them, or an object with either and what each request gets. */
export const aliasSchema = z.union([
  modelOrChain,
  z.strictObject({
    model: modelOrChain,
    options: z.optional(z.record(z.string(), z.unknown())),
    think: z.optional(z.union([z.boolean(), z.enum(["low", "medium", "high", "max"])])),
    system: z.optional(z.string()),
  }),
]);
