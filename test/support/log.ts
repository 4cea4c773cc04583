import type { Log } from "../../src/base/log.ts";

export interface LoggedLine {
  level: keyof Log;
  message: string;
  facts: Record<string, unknown>;
}

/** Keeps what is logged. */
export function createTestLog(): Log & { lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, ...facts: unknown[]) => {
      lines.push({ level, message, facts: Object.assign({}, ...facts) as Record<string, unknown> });
    };
  return {
    lines,
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}
