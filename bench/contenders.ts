import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild, type Child } from "./child.ts";
import { EXTRA_EVENTS, MODEL } from "./completion.ts";

export type ContenderName = "pipe" | "split pipe" | "bridge";

/** Something between client and provider, and the language that it speaks to the client. */
export interface Contender {
  name: ContenderName;
  path: string;
  body(options: { stream: boolean }): string;
  /** Newlines that arrive with a stream of so many content chunks; with 1 less than all, something is lost. */
  newlines(chunks: number): number;
  /** Newlines that have arrived when the first content chunk has. */
  newlinesToFirstToken: number;
  /** The text of a whole stream, for comparison with what the provider said. */
  text(stream: string): string;
  launch(providerUrl: string): Promise<Child>;
}

export interface RunningContender extends Contender {
  child: Child;
}

const MESSAGES = [
  { role: "system", content: "You are a helpful assistant." },
  { role: "user", content: "Write a sentence with all letters of the alphabet." },
];

const PIPE = fileURLToPath(new URL("pipe.ts", import.meta.url));

const pipe: Contender = {
  name: "pipe",
  path: "/v1/chat/completions",
  body: ({ stream }) => JSON.stringify({ model: MODEL, messages: MESSAGES, stream }),
  newlines: (chunks) => 2 * (chunks + EXTRA_EVENTS),
  newlinesToFirstToken: 4,
  text: (stream) => stream.split("\n\n").map(textOfEvent).join(""),
  launch: (providerUrl) => startChild(PIPE, [providerUrl]),
};

const splitPipe: Contender = {
  ...pipe,
  name: "split pipe",
  launch: (providerUrl) => startChild(PIPE, [providerUrl, "--split"]),
};

/** @param bundle path of the command line's bundle */
export function createContenders(bundle: string): Record<ContenderName, Contender> {
  const bridge: Contender = {
    name: "bridge",
    path: "/api/chat",
    body: ({ stream }) => JSON.stringify({ model: `${MODEL}:latest`, messages: MESSAGES, stream }),
    newlines: (chunks) => chunks + 1,
    newlinesToFirstToken: 1,
    text: (stream) => stream.split("\n").map(textOfLine).join(""),
    launch(providerUrl) {
      const folder = folderFor(providerUrl);
      return startChild(bundle, [
        ...["serve", "--port", "0", "--log-level", "error"],
        ...["--config", join(folder, "config.json"), "--state-file", join(folder, "models.json")],
      ]);
    },
  };
  return { pipe, "split pipe": splitPipe, bridge };
}

/** The pipe has no bound either, and nothing that was kept shall be measured. */
function folderFor(providerUrl: string): string {
  const folder = mkdtempSync(join(tmpdir(), "llama-bridge-bench-"));
  const settings = {
    providers: [{ id: "bench", baseUrl: `${providerUrl}/v1` }],
    limits: { maxConcurrent: 1000 },
    cache: { mode: "off" },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(settings));
  return folder;
}

function textOfEvent(event: string): string {
  if (event === "" || event === "data: [DONE]") return "";
  const chunk = JSON.parse(event.slice("data: ".length)) as {
    choices: { delta: { content?: string } }[];
  };
  return chunk.choices[0]?.delta.content ?? "";
}

function textOfLine(line: string): string {
  if (line === "") return "";
  return (JSON.parse(line) as { message: { content: string } }).message.content;
}
