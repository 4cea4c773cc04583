/** A user's settings as `load-bundle.ts` fills them in. */
export const userSettings: Record<string, unknown> = {};

/** Stands for whatever is not named below: can be called, constructed and written to; each property is one more of it. */
function anything(): object {
  return new Proxy(callable, {
    get: (_, key) => (key === "then" ? undefined : anything()),
    set: () => true,
    apply: anything,
    construct: anything,
  });
}

function callable(): void {
  // Never runs: the proxy answers for it.
}

const stub: Record<string | symbol, unknown> = {
  workspace: {
    onDidChangeConfiguration: anything,
    getConfiguration: () => ({
      inspect: (key: string) => ({ globalValue: userSettings[key] }),
    }),
  },
};

const vscode = new Proxy(stub, { get: (named, key) => named[key] ?? anything() });

// What `require("vscode")` gives, whatever it is asked for.
export { vscode as "module.exports" };
