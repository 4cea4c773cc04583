import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { createStream } from "rotating-file-stream";
import { BridgeError } from "./base/errors.ts";
import { systemClock } from "./base/clock.ts";
import { createBridgeService } from "./service/bridge-service.ts";
import { createLineLog, LOG_LEVELS, type LogLevel } from "./service/line-log.ts";
import { toMetrics } from "./service/prometheus.ts";
import { createRedactor } from "./service/redact.ts";
import type { ProviderSettings } from "./service/provider-settings.ts";
import { parseSettings, type Settings } from "./service/settings.ts";
import { parseBaseUrl, providerIdFor } from "./upstream/base-url.ts";

/** Filled in by esbuild from package.json. */
declare const PRODUCT_VERSION: string;

const OPENAI_URL = "https://api.openai.com/v1";

/** Wrong use, as the shell's own commands say it. */
const EXIT_USAGE = 2;

/** After the service's own drain of less than 3 s; people are promised 5. */
const EXIT_DEADLINE_MS = 4500;

interface ServeFlags {
  host?: string;
  port?: number;
  config?: string;
  baseUrl?: string;
  apiKeyEnv?: string;
  logLevel: LogLevel;
  logFile?: string;
  stateFile?: string;
}

void main();

async function main(): Promise<void> {
  const program = new Command("llama-bridge")
    .description("A local Ollama server that answers with any OpenAI-compatible provider.")
    .version(PRODUCT_VERSION, "-V, --version")
    .showSuggestionAfterError(false)
    .exitOverride();
  program
    .command("serve", { isDefault: true })
    .description("run the bridge until it is interrupted")
    .option("--host <address>", "loopback address to listen on (127.0.0.1)")
    .option("--port <number>", "port to listen on, 0 for a free one (11434)", toPort)
    .option("--config <file>", "settings as JSON, see README; flags win over it")
    .option("--base-url <url>", "the provider's base URL, such as https://openrouter.ai/api/v1")
    .option("--api-key-env <name>", "environment variable with the provider's key (OPENAI_API_KEY)")
    .addOption(new Option("--log-level <level>").choices(LOG_LEVELS).default("info"))
    .option("--state-file <file>", "where models made by `ollama create` are kept, see README")
    .option("--log-file <file>", "log there instead of to stderr; rotates at 10 MB, keeps 5")
    .showSuggestionAfterError(false)
    .exitOverride()
    .action(serve);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

async function serve(flags: ServeFlags): Promise<void> {
  const settings = toSettings(flags);
  const keys = readKeys(settings);
  const token = readToken(settings);
  const redact = createRedactor(() => [...keys.values(), ...(token === undefined ? [] : [token])]);
  const sink: LogSink =
    flags.logFile === undefined ? { write: toStderr } : openLogFile(flags.logFile);
  const log = createLineLog({
    level: flags.logLevel,
    clock: systemClock,
    write: (line) => {
      sink.write(redact(line));
    },
  });
  for (const { id, apiKeyEnv } of settings.providers) {
    if (apiKeyEnv === undefined || keys.has(id)) continue;
    log.warn("environment variable for a key is not set", { provider: id, variable: apiKeyEnv });
  }
  const service = createBridgeService({
    settings: () => settings,
    apiKey: ({ id }) => Promise.resolve(keys.get(id)),
    accessToken: () => token,
    redact,
    stateFolder: flags.stateFile === undefined ? defaultStateFolder() : dirname(flags.stateFile),
    ...(flags.stateFile !== undefined && { modelFile: flags.stateFile }),
    toMetrics,
    log,
    clock: systemClock,
    version: PRODUCT_VERSION,
  });
  const ended = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        setTimeout(() => process.exit(1), EXIT_DEADLINE_MS).unref();
        resolve(service.stop());
      });
    }
  });
  await service.start();
  if (service.state.kind === "running") {
    process.stdout.write(`Llama Bridge listening on ${service.state.url}\n`);
  }
  await ended;
  await sink.close?.();
  process.exit();
}

/** The config file, then flags over it; without either, the provider that OPENAI_API_KEY is for. */
function toSettings(flags: ServeFlags): Settings {
  const settings = parseSettings(
    flags.config === undefined ? {} : readConfig(flags.config),
    `config file ${flags.config ?? ""}`,
  );
  const provider = toProvider(flags);
  return {
    ...settings,
    ...(flags.host !== undefined && { host: flags.host }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(provider && (flags.baseUrl !== undefined || settings.providers.length === 0)
      ? { providers: [provider, ...settings.providers.filter(({ id }) => id !== provider.id)] }
      : {}),
  };
}

function toProvider(flags: ServeFlags): ProviderSettings | undefined {
  const { apiKeyEnv = "OPENAI_API_KEY" } = flags;
  if (flags.apiKeyEnv !== undefined && !process.env[flags.apiKeyEnv]) {
    const message = `--api-key-env names the environment variable ${flags.apiKeyEnv}, which is not set. Set it, or leave the flag out.`;
    throw new BridgeError("invalid_settings", message);
  }
  const hasKey = Boolean(process.env[apiKeyEnv]);
  const baseUrl = flags.baseUrl ?? process.env["OPENAI_BASE_URL"] ?? (hasKey ? OPENAI_URL : "");
  if (baseUrl === "") return undefined;
  // Whether http:// is allowed is for the service to judge, by the settings.
  const { origin } = parseBaseUrl(baseUrl, { allowInsecureHttp: true });
  return { id: providerIdFor(origin), baseUrl, ...(hasKey && { apiKeyEnv }) };
}

/** Where the platform keeps what programs remember. */
function defaultStateFolder(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  const folder =
    process.platform === "win32" && LOCALAPPDATA
      ? LOCALAPPDATA
      : XDG_STATE_HOME || join(homedir(), ".local", "state");
  return join(folder, "llama-bridge");
}

function readConfig(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    const message = `config file ${file} cannot be read (${code}). Check the path and its permissions.`;
    throw new BridgeError("invalid_settings", message, { cause: error });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    // Only the place: V8 quotes the text, and people paste keys into files that are to be JSON.
    const place = /line \d+ column \d+|position \d+/.exec((error as SyntaxError).message)?.[0];
    const message = `config file ${file} is not JSON${place ? ` (${place})` : ""}. Check its brackets, commas and quotes.`;
    throw new BridgeError("invalid_settings", message, { cause: error });
  }
}

/** By provider. One whose variable is not set has none, and its calls will say so. */
function readKeys({ providers }: Settings): Map<string, string> {
  const keys = new Map<string, string>();
  for (const { id, apiKeyEnv } of providers) {
    if (apiKeyEnv === undefined) continue;
    const key = process.env[apiKeyEnv]?.trim();
    if (key) keys.set(id, key);
  }
  return keys;
}

/** @throws BridgeError when the variable is not set: the bridge would be open where it was meant to be closed */
function readToken({ accessTokenEnv }: Settings): string | undefined {
  if (accessTokenEnv === undefined) return undefined;
  const token = process.env[accessTokenEnv]?.trim();
  if (token) return token;
  const message = `"accessTokenEnv" names the environment variable ${accessTokenEnv}, which is not set. Set it, or remove the setting.`;
  throw new BridgeError("invalid_settings", message);
}

function toPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError("It is a number from 0 to 65535.");
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

interface LogSink {
  write: (line: string) => void;
  /** Waits until everything is on disk. */
  close?: () => Promise<void>;
}

function openLogFile(file: string): LogSink {
  const stream = createStream(basename(file), { path: dirname(file), size: "10M", maxFiles: 5 });
  stream.on("error", (error) => {
    toStderr(`log file ${file} cannot be written: ${error.message}`);
  });
  return {
    write: (line) => stream.write(`${line}\n`),
    close: () =>
      new Promise((resolve) => {
        stream.end(resolve);
      }),
  };
}

/** One line, and the exit code. commander has written its own by now. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (!(error instanceof BridgeError)) throw error;
  toStderr(`llama-bridge: ${error.message}`);
  return EXIT_USAGE;
}
