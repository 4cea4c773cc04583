import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import { BridgeError } from "../base/errors.ts";

/** What a setting's registration says besides its schema; it travels into package.json and the README's table. */
interface SettingMeta {
  markdownDescription: string;
  order: number;
  /** Who reads it: both hosts when absent. */
  only?: "vscode" | "cli";
  /** The key is reserved and accepted, but no code reads it yet: neither shown in VS Code nor in the README. */
  reserved?: true;
}

function described<S extends z.core.$ZodType>(schema: S, meta: SettingMeta): S {
  z.globalRegistry.add(schema, { ...meta });
  return schema;
}

const milliseconds = (fallback: number) =>
  z._default(z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1)), fallback);

const providerSchema = z.strictObject({
  id: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)),
  baseUrl: z.string().check(z.minLength(1)),
  apiKeyEnv: z.optional(z.string().check(z.minLength(1))),
});

/** Keys are kept by id: two providers with one would get each other's. */
const uniqueIds = z.check<ProviderSettings[]>(({ value, issues }) => {
  const ids = value.map(({ id }) => id);
  const index = ids.findIndex((id, position) => ids.indexOf(id) < position);
  if (index === -1) return;
  const message = `another provider has the id "${ids[index] ?? ""}" too`;
  issues.push({ code: "custom", message, input: value, path: [index, "id"] });
});

/** One OpenAI-compatible provider. `apiKeyEnv` names an environment variable and is read by the CLI only. */
export type ProviderSettings = z.output<typeof providerSchema>;

/**
 * Every setting there is, in one tree: `llamaBridge.timeouts.connectMs` in VS Code is
 * `{"timeouts":{"connectMs":…}}` in the CLI's config file. `scripts/generate-manifest.ts` writes
 * package.json's `contributes.configuration` and the README's table from it.
 */
const settingsSchema = z.strictObject({
  autoStart: described(z._default(z.boolean(), true), {
    order: 1,
    only: "vscode",
    markdownDescription: "Start the bridge when VS Code starts.",
  }),
  host: described(z._default(z.string(), "127.0.0.1"), {
    order: 2,
    markdownDescription:
      "Loopback address to listen on. Addresses that other machines can reach are refused.",
  }),
  port: described(z._default(z.int().check(z.minimum(0), z.maximum(65535)), 11434), {
    order: 3,
    markdownDescription: "Port to listen on. Ollama's own is 11434; 0 takes a free one.",
  }),
  providers: described(z._default(z.array(providerSchema).check(uniqueIds), []), {
    order: 4,
    markdownDescription:
      "OpenAI-compatible providers, in order of preference: `id` (a name of your choice) and `baseUrl` (for example `https://openrouter.ai/api/v1`). A model that two of them serve goes to the first. Keys are never written here: VS Code asks for them with *Llama Bridge: Set API Key*, the command line reads the environment variable named by `apiKeyEnv`. With no provider the built-in model `demo:latest` answers.",
  }),
  timeouts: z.prefault(
    z.strictObject({
      connectMs: described(milliseconds(10_000), {
        order: 10,
        markdownDescription: "Time limit for connecting to a provider, in milliseconds.",
      }),
      firstByteMs: described(milliseconds(600_000), {
        order: 11,
        markdownDescription:
          "Time limit for the first byte of a provider's answer, in milliseconds. Model lists have 30 seconds at most.",
      }),
      idleMs: described(milliseconds(300_000), {
        order: 12,
        markdownDescription:
          "Time limit for silence in the middle of a provider's answer, in milliseconds.",
      }),
      totalMs: described(milliseconds(900_000), {
        order: 13,
        markdownDescription:
          "Time limit for a whole answer that is not streamed, in milliseconds. Streams have none.",
      }),
    }),
    {},
  ),
  limits: z.prefault(
    z.strictObject({
      maxBodyBytes: described(
        z._default(z.int().check(z.minimum(1024), z.maximum(1024 ** 3)), 64 * 1024 * 1024),
        {
          order: 20,
          markdownDescription: "Largest request body accepted from a client, in bytes.",
        },
      ),
      maxConcurrent: described(z._default(z.int().check(z.minimum(1)), 16), {
        order: 21,
        reserved: true,
        markdownDescription: "Calls to one provider at the same time.",
      }),
    }),
    {},
  ),
  allowedHosts: described(z._default(z.array(z.string()), []), {
    order: 30,
    markdownDescription:
      "Names besides `localhost` and the loopback addresses that clients may send in the `Host` header, such as `host.docker.internal`. Any other is refused, which keeps web pages out that rebind their DNS name to this machine.",
  }),
  allowedOrigins: described(z._default(z.array(z.string()), []), {
    order: 31,
    markdownDescription:
      "Origins of web pages that may use the bridge, besides pages served from this machine and editor webviews: exactly as the browser sends them, such as `https://chat.example.org`, or a scheme with a star, such as `moz-extension://*`.",
  }),
  allowInsecureHttp: described(z._default(z.boolean(), false), {
    order: 32,
    markdownDescription:
      "Allow `http://` for providers on other machines. The key and every prompt then cross the network in clear text.",
  }),
  accessTokenEnv: described(z.optional(z.string().check(z.minLength(1))), {
    order: 33,
    only: "cli",
    markdownDescription:
      "Name of an environment variable with an access token. When set, clients must send it as `Authorization: Bearer`, as `x-api-key`, or in the URL as `/t/<token>/…`.",
  }),
  aliases: described(z._default(z.record(z.string(), z.unknown()), {}), {
    order: 40,
    reserved: true,
    markdownDescription: "Other names for models.",
  }),
  retry: z.prefault(
    z.strictObject({
      attempts: described(z._default(z.int().check(z.minimum(1)), 3), {
        order: 41,
        reserved: true,
        markdownDescription: "Attempts at one call.",
      }),
      baseDelayMs: described(milliseconds(500), {
        order: 42,
        reserved: true,
        markdownDescription: "Delay before the second attempt.",
      }),
    }),
    {},
  ),
  cache: z.prefault(
    z.strictObject({
      mode: described(z._default(z.enum(["off", "auto", "all"]), "auto"), {
        order: 43,
        reserved: true,
        markdownDescription: "Which answers are kept for identical requests.",
      }),
    }),
    {},
  ),
});

export type Settings = z.output<typeof settingsSchema>;

/**
 * Settings with every default filled in.
 *
 * @param source where the input comes from, for the message: "config file bridge.json"
 * @throws BridgeError `invalid_settings`, naming the source and the key
 */
export function parseSettings(input: unknown, source: string): Settings {
  const result = z.safeParse(settingsSchema, input, { error: en().localeError });
  if (result.success) return result.data;
  throw new BridgeError("invalid_settings", `${source}: ${describeIssue(result.error.issues[0])}`);
}

function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "not valid";
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = [...path, issue.keys[0]].join(".");
    return `"${key}" is not a setting. Remove it, or check its spelling.`;
  }
  const where = path.length === 0 ? "the file" : `"${path.join(".")}"`;
  return `${where} is not valid: ${issue.message}.`;
}

/** One leaf of the tree, flat, as VS Code and the README show it. */
export interface SettingDescription {
  /** Dotted path without the `llamaBridge.` prefix. */
  key: string;
  /** JSON Schema of the value, with its default. */
  schema: Record<string, unknown>;
  meta: SettingMeta;
}

/** Every setting in display order, from the schema itself. */
export function describeSettings(): SettingDescription[] {
  const root = z.toJSONSchema(settingsSchema, { io: "input" });
  return leaves(root as JsonSchema, []).sort((a, b) => a.meta.order - b.meta.order);
}

interface JsonSchema extends Record<string, unknown> {
  properties?: Record<string, JsonSchema>;
}

function leaves(schema: JsonSchema, path: string[]): SettingDescription[] {
  if (schema["markdownDescription"] === undefined) {
    return Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
      leaves(child, [...path, name]),
    );
  }
  const { markdownDescription, order, only, reserved, ...rest } = schema as JsonSchema &
    SettingMeta;
  const meta: SettingMeta = { markdownDescription, order };
  if (only !== undefined) meta.only = only;
  if (reserved !== undefined) meta.reserved = reserved;
  return [{ key: path.join("."), schema: rest, meta }];
}
