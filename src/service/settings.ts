import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";
import { BridgeError } from "../base/errors.ts";
import { aliasSchema, providersSchema } from "./provider-settings.ts";

/** What a setting's registration says besides its schema; it travels into package.json and the README's table. */
interface SettingMeta {
  markdownDescription: string;
  order: number;
  /** Who reads it: both hosts when absent. */
  only?: "vscode" | "cli";
}

function described<S extends z.core.$ZodType>(schema: S, meta: SettingMeta): S {
  z.globalRegistry.add(schema, { ...meta });
  return schema;
}

const milliseconds = (fallback: number) =>
  z._default(z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1)), fallback);

const count = (fallback: number) => z._default(z.int().check(z.minimum(1)), fallback);

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
  providers: described(z._default(providersSchema, []), {
    order: 4,
    markdownDescription:
      "Providers: `id` (a name of your choice) with a `preset` from the list of known providers, a `baseUrl` (for example `https://openrouter.ai/api/v1`), or both. Also `headers`, `models` (`include` and `exclude` globs, `ids` that no list has), `timeouts` of its own, `quirks`, and `modelQuirks` by glob. Keys are never written here: VS Code asks for them with *Llama Bridge: Set API Key*, the command line reads the environment variable named by `apiKeyEnv`. With no provider the built-in model `demo:latest` answers.",
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
          "Time limit for the first byte of a provider's answer to a chat or a completion, in milliseconds.",
      }),
      embedFirstByteMs: described(milliseconds(60_000), {
        order: 11.1,
        markdownDescription: "The same for embeddings.",
      }),
      listFirstByteMs: described(milliseconds(30_000), {
        order: 11.2,
        markdownDescription: "The same for lists of models.",
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
      maxConcurrent: described(count(16), {
        order: 21,
        markdownDescription: "Calls to one provider at the same time. Further ones wait.",
      }),
      maxQueued: described(z._default(z.int().check(z.minimum(0)), 64), {
        order: 22,
        markdownDescription:
          "Calls to one provider that may wait. Further ones get 503 and Ollama's words for a busy server.",
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
  aliases: described(z._default(z.record(z.string(), aliasSchema), {}), {
    order: 5,
    markdownDescription:
      'Names of your own: for a model (`"sonnet": "openrouter/anthropic/claude-sonnet-4"`), for a chain of which the next one is asked when one fails before its first byte (`["a", "b"]`), or with what each request gets (`{"model": …, "options": {…}, "think": "high", "system": …}`).',
  }),
  models: z.prefault(
    z.strictObject({
      favorites: described(z._default(z.array(z.string()), []), {
        order: 6,
        markdownDescription:
          "Globs of the models that are listed, such as `openrouter/anthropic/*`; all, when it is empty. Other models still answer to their names.",
      }),
      hidden: described(z._default(z.array(z.string()), []), {
        order: 7,
        markdownDescription: "Globs of models that are not listed, such as `*:free`.",
      }),
    }),
    {},
  ),
  retry: z.prefault(
    z.strictObject({
      attempts: described(count(3), {
        order: 41,
        markdownDescription:
          "Attempts at one call, all before the first byte of its answer: after a connection that failed and the statuses 408, 429 (a rate, not a quota), 500, 502, 503, 504, 529. 1 never repeats.",
      }),
      baseDelayMs: described(milliseconds(500), {
        order: 42,
        markdownDescription:
          "Longest delay before the second attempt, in milliseconds; it doubles for each further one. A random part of it is waited.",
      }),
      maxDelayMs: described(milliseconds(8000), {
        order: 43,
        markdownDescription: "Longest delay before any attempt, in milliseconds.",
      }),
      maxRetryAfterMs: described(milliseconds(20_000), {
        order: 44,
        markdownDescription:
          "Longest wait that a provider may ask for, in milliseconds. When it asks for more, the client gets its error with `Retry-After`.",
      }),
      maxWaitMs: described(milliseconds(60_000), {
        order: 45,
        markdownDescription: "Milliseconds that the waits of one call may take together.",
      }),
    }),
    {},
  ),
  cache: z.prefault(
    z.strictObject({
      mode: described(z._default(z.enum(["off", "auto", "all"]), "auto"), {
        order: 50,
        markdownDescription:
          "Which answers are kept in memory for identical requests: `auto` those to temperature 0, to a seed, and to holes in code; `all`; or `off`.",
      }),
      ttlMs: described(milliseconds(600_000), {
        order: 51,
        markdownDescription: "How long an answer is kept, in milliseconds.",
      }),
      maxBytes: described(count(32 * 1024 * 1024), {
        order: 52,
        markdownDescription: "Memory for kept answers, in bytes. The oldest are dropped first.",
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
  const { markdownDescription, order, only, ...rest } = schema as JsonSchema & SettingMeta;
  const meta: SettingMeta = { markdownDescription, order };
  if (only !== undefined) meta.only = only;
  return [{ key: path.join("."), schema: rest, meta }];
}
