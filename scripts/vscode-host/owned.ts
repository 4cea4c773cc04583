/** What a run has opened, closed in reverse order: at its end, on a signal, or when whoever started it is gone. */
export interface Owned {
  add: (close: () => Promise<void> | void) => void;
  /** Never fails: what cannot be closed is reported and the rest closed nevertheless. */
  closeAll: () => Promise<void>;
}

export function createOwned(): Owned {
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        console.error("vscode-host: could not close:", error);
      }
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      void closeAll().then(() => process.exit(130));
    });
  }
  return { add: (close) => void closers.push(close), closeAll };
}
