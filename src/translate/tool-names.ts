import { createHash } from "node:crypto";
import type { Dialect } from "../protocol/dialect.ts";
import type * as openai from "../protocol/openai.ts";

/** Names of functions as the provider knows them, where it does not take the client's. */
export interface ToolNames {
  /** The client's names by the provider's; empty when all are legal. */
  readonly back: ReadonlyMap<string, string>;
  readonly toLegal: (name: string) => string;
}

const MAX_LENGTH = 64;

/** Legal names for every function that a call offers or its history mentions; the same for the same name. */
export function legalToolNames(
  tools: readonly openai.Tool[],
  { messages, rule }: { messages: readonly openai.ChatMessage[]; rule: Dialect["toolNames"] },
): ToolNames {
  const mentioned = messages.flatMap(({ tool_calls = [], role, name }) => [
    ...tool_calls.map((call) => call.function.name),
    ...(role === "tool" && name ? [name] : []),
  ]);
  const offered = tools.map((tool) => (tool as Partial<openai.Tool>).function?.name);
  const names = [...offered, ...mentioned].filter((name): name is string => {
    return typeof name === "string" && name !== "" && !isLegal(name, rule);
  });
  const legal = new Map(names.map((name) => [name, toLegalName(name)]));
  return {
    back: new Map([...legal].map(([theirs, ours]) => [ours, theirs])),
    toLegal: (name) => legal.get(name) ?? name,
  };
}

function isLegal(name: string, rule: Dialect["toolNames"]): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) && (rule === "any" || /^[A-Za-z]/.test(name));
}

/** What can be read of the name, and enough of its digest that two never meet. */
function toLegalName(name: string): string {
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  const readable = name.replaceAll(/[^A-Za-z0-9_-]/g, "_").replace(/^(?![A-Za-z])/, "f_");
  return `${readable.slice(0, MAX_LENGTH - digest.length - 1)}_${digest}`;
}

/** The events with the client's own names of the functions. */
export function withOwnNames(
  events: openai.ChatEvent[],
  back: ReadonlyMap<string, string>,
): openai.ChatEvent[] {
  return events.map((event) => (typeof event === "symbol" ? event : renameIn(event, back)));
}

function renameIn(chunk: openai.ChatChunk, back: ReadonlyMap<string, string>): openai.ChatChunk {
  const choices = chunk.choices?.map((choice) => {
    if (!choice) return choice;
    return {
      ...choice,
      ...(choice.delta && { delta: renameCalls(choice.delta, back) }),
      ...(choice.message && { message: renameCalls(choice.message, back) }),
    };
  });
  return { ...chunk, choices };
}

function renameCalls(delta: openai.ChatDelta, back: ReadonlyMap<string, string>): openai.ChatDelta {
  if (!Array.isArray(delta.tool_calls)) return delta;
  const tool_calls = delta.tool_calls.map((call) => {
    const name = call?.function?.name;
    const own = typeof name === "string" ? back.get(name) : undefined;
    return own === undefined ? call : { ...call, function: { ...call?.function, name: own } };
  });
  return { ...delta, tool_calls };
}
