/**
 * Where the core tells what it does. A VS Code `LogOutputChannel` is one as it stands.
 * The message is constant, the variables follow in one plain object.
 */
export interface Log {
  trace(message: string, ...facts: unknown[]): void;
  debug(message: string, ...facts: unknown[]): void;
  info(message: string, ...facts: unknown[]): void;
  warn(message: string, ...facts: unknown[]): void;
  error(message: string, ...facts: unknown[]): void;
}
