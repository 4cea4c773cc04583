import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Quirks } from "../../src/protocol/dialect.ts";
import { fromContext } from "../../src/translate/conversation.ts";
import type { UpstreamOptions } from "../../src/upstream/client.ts";
import { presetOf, type PresetName } from "../../src/upstream/presets.ts";
import type { TransportCall } from "../../src/upstream/transport.ts";
import { checkAnswer } from "./schemas/check.ts";

import { createScriptedTransport, type ScriptedAnswer } from "./scripted-transport.ts";
import { createTestApp } from "./test-app.ts";

/*
 * A case is a folder, its files numbered in the order in which they travel:
 *
 *   0-provider.json                     its base URL and models, where they matter
 *   1-client.json                       what the client sends
 *   2-upstream.http                     where it is sent, and with which headers; of cases with a preset
 *   2-upstream.json                     what the provider is sent; absent when it is not asked
 *   3-upstream[.<status>][.cut].<type>  what it answers; "cut" breaks the connection after it
 *   3-upstream.headers.json             its headers, where they matter
 *   4-client.<status>.<type>            what the client gets
 *
 * UPDATE_GOLDEN=1 writes 2 and 4; otherwise a missing one fails.
 */

const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

/** Pieces in which the provider's answer arrives, in bytes. */
export const PIECE_SIZES = [1, 7, Infinity];

const TYPES: Record<string, string> = {
  "application/x-ndjson": "ndjson",
  "application/json; charset=utf-8": "json",
  "text/event-stream": "sse",
};

/** The folders of one endpoint's cases. */
export function casesIn(endpoint: string): string[] {
  return readdirSync(endpoint, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Plays the case through the whole app and compares byte by byte. */
export async function playCase(folder: string, route: string, pieceSize: number): Promise<void> {
  const answer = readAnswer(folder);
  const { baseUrl, models, preset, quirks, ...provider } = readProvider(folder);
  const transport = createScriptedTransport(answer ?? { body: new Uint8Array() }, {
    size: pieceSize,
    ...(models && { models }),
  });
  const address = baseUrl ?? (preset && presetOf(preset).baseUrl);
  const { app } = createTestApp({
    transport,
    ...(address !== undefined && { baseUrl: address }),
    provider: { ...provider, ...(preset && { preset }), ...(quirks && { quirks: () => quirks }) },
  });
  const response = await app(
    new Request(`http://127.0.0.1:11434${route}`, {
      method: "POST",
      body: readFileSync(join(folder, "1-client.json")),
    }),
  );
  const type = TYPES[response.headers.get("content-type") ?? ""] ?? "txt";
  const got = await response.text();
  checkAnswer({
    path: route,
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: got,
  });
  const headers = ["retry-after"].flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [`${name}: ${value}\n`];
  });

  const sent = transport.calls.map(({ body = "" }) => pretty(body)).join("\n");
  compare(folder, { prefix: "2-upstream.json", name: "2-upstream.json", got: sent });
  const calls = preset === undefined ? "" : transport.calls.map(toHttp).join("\n");
  compare(folder, { prefix: "2-upstream.http", name: "2-upstream.http", got: calls });
  compare(folder, {
    prefix: "4-client.",
    name: `4-client.${response.status}.${type}`,
    got: headers.join("") + withReadableContext(got),
  });
}

/** A provider's settings, and what it lists. */
interface GoldenProvider extends Pick<UpstreamOptions, "headers" | "modelIds"> {
  quirks?: Quirks;
  preset?: PresetName;
  baseUrl?: string;
  models?: (string | object)[];
}

function readProvider(folder: string): GoldenProvider {
  const file = join(folder, "0-provider.json");
  if (!existsSync(file)) return {};
  return JSON.parse(readFileSync(file, "utf8")) as GoldenProvider;
}

function toHttp({ method, url, headers }: TransportCall): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return `${method} ${url}\n${lines.sort().join("")}`;
}

function readAnswer(folder: string): ScriptedAnswer | undefined {
  const files = readdirSync(folder).filter((file) => file.startsWith("3-upstream"));
  const name = files.find((file) => file !== "3-upstream.headers.json");
  if (name === undefined) return undefined;
  const headers = join(folder, "3-upstream.headers.json");
  return {
    status: Number(/\.(\d{3})\./.exec(name)?.[1] ?? 200),
    headers: existsSync(headers)
      ? (JSON.parse(readFileSync(headers, "utf8")) as Record<string, string>)
      : {},
    body: readFileSync(join(folder, name)),
    cut: name.includes(".cut."),
  };
}

/** Nothing to compare means that no file of the kind may be there. */
function compare(
  folder: string,
  { prefix, name, got }: { prefix: string; name: string; got: string },
): void {
  const there = readdirSync(folder).filter((file) => file.startsWith(prefix));
  const expectedNames = got === "" ? [] : [name];
  if (UPDATE) {
    for (const file of there) rmSync(join(folder, file));
    for (const file of expectedNames) writeFileSync(join(folder, file), got);
    return;
  }
  assert.deepEqual(there, expectedNames, `the golden files in ${folder}`);
  for (const file of expectedNames) assert.equal(got, readFileSync(join(folder, file), "utf8"));
}

/** The integers of `context` depend on the compressor's version; their words do not. */
function withReadableContext(text: string): string {
  return text.replaceAll(/"context":(\[\d[\d,]*\])/g, (_found, integers: string) => {
    const turns = fromContext(JSON.parse(integers) as number[]);
    return `"context":${JSON.stringify(turns)}`;
  });
}

function pretty(body: string): string {
  return `${JSON.stringify(JSON.parse(body), null, 2)}\n`;
}
