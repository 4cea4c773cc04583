import type { ChatReader } from "./chat-stream.ts";
import { createHoleFilter } from "./fim-answer.ts";
import type { Hole } from "./fim-templates.ts";
import type { Piece } from "./reasoning.ts";

/**
 * Reads what fills a hole in code: only text, cleaned of what models add around it. It ends when a stop
 * string or the text behind the hole is reached.
 */
export function createHoleReader(
  reader: ChatReader,
  hole: Hole,
  options: { stops: string[] },
): Pick<ChatReader, "push" | "end" | "isStopped"> {
  const filter = createHoleFilter(hole, options);

  function clean(pieces: Piece[]): Piece[] {
    return pieces
      .map(({ kind, text }) => (kind === "text" ? filter.push(text) : ""))
      .filter((text) => text !== "")
      .map((text) => ({ kind: "text", text }));
  }

  return {
    push: (event) => (filter.isDone ? [] : clean(reader.push(event))),
    end() {
      const end = reader.end();
      const pieces = clean(end.pieces);
      const rest = filter.end();
      if (rest !== "") pieces.push({ kind: "text", text: rest });
      return {
        ...end,
        pieces,
        calls: { kind: "calls", calls: [] },
        outcome: filter.isDone ? { kind: "finished", doneReason: "stop" } : end.outcome,
      };
    },
    get isStopped() {
      return filter.isDone;
    },
  };
}
