import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";

/** Quietest last. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LineLogOptions {
  level: LogLevel;
  clock: Clock;
  /** Receives whole lines without their end. */
  write: (line: string) => void;
}

/** A log for terminals and files: time, level, message, then the facts as `name=value`. */
export function createLineLog({ level, clock, write }: LineLogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (message: string, ...facts: unknown[]) => {
      if (LOG_LEVELS.indexOf(name) < threshold) return;
      const time = new Date(clock.wall()).toISOString();
      const words = [time, name.toUpperCase().padEnd(5), message, ...facts.map(toWords)];
      write(words.filter((word) => word !== "").join(" "));
    };
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}

function toWords(fact: unknown): string {
  if (typeof fact !== "object" || fact === null) return String(fact);
  return Object.entries(fact)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${toWord(value)}`)
    .join(" ");
}

/** Quoted where it would not read as one word, so that no text can forge a line. */
function toWord(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[\w./:@+-]+$/.test(text) ? text : toPrintable(JSON.stringify(text));
}

/** JSON leaves these as they are; a terminal obeys the first and breaks the line at the others. */
function toPrintable(text: string): string {
  return text.replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
