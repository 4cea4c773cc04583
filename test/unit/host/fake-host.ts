import type * as vscode from "vscode";

interface Listeners<T> {
  event: (listener: (value: T) => unknown) => vscode.Disposable;
  fire(value: T): void;
}

function listeners<T>(): Listeners<T> {
  const all = new Set<(value: T) => unknown>();
  return {
    event: (listener) => {
      all.add(listener);
      const subscription: Pick<vscode.Disposable, "dispose"> = {
        dispose: () => all.delete(listener),
      };
      return subscription;
    },
    fire: (value) => {
      for (const listener of [...all]) listener(value);
    },
  };
}

/** Secret storage in memory. It tells of a change after the write has ended, as VS Code does. */
export function fakeSecrets(content: Record<string, string> = {}) {
  const values = new Map(Object.entries(content));
  const changes = listeners<vscode.SecretStorageChangeEvent>();
  const fake = {
    values,
    reads: 0,
    /** When set, reading fails with it. */
    failure: undefined as Error | undefined,
    onDidChange: changes.event,
    get: (name: string) => {
      fake.reads += 1;
      return fake.failure ? Promise.reject(fake.failure) : Promise.resolve(values.get(name));
    },
    store: (name: string, value: string) => {
      values.set(name, value);
      return notify(name);
    },
    delete: (name: string) => {
      values.delete(name);
      return notify(name);
    },
  };
  const notify = (key: string) => {
    changes.fire({ key });
    return Promise.resolve();
  };
  return fake;
}

/** The configuration of one window: what the user and the workspace say, dotted names to values. */
export function fakeWorkspace(user: Record<string, unknown> = {}) {
  const changes = listeners<vscode.ConfigurationChangeEvent>();
  const workspace: Record<string, unknown> = {};
  const inspect = (name: string) => ({
    key: name,
    defaultValue: undefined,
    globalValue: user[name],
    workspaceValue: workspace[name],
  });
  const update = (name: string, value: unknown, target: unknown) => {
    if (target !== true) throw new Error("not the user's settings");
    user[name] = value;
    return Promise.resolve();
  };
  const configuration = (section: string) => ({
    inspect: (key: string) => inspect(`${section}.${key}`),
    get: (key: string) => workspace[`${section}.${key}`] ?? user[`${section}.${key}`],
    update: (key: string, value: unknown, target: unknown) =>
      update(`${section}.${key}`, value, target),
  });
  return {
    user,
    workspace,
    tell: (section = "llamaBridge") => {
      changes.fire({ affectsConfiguration: (asked) => asked === section });
    },
    api: {
      getConfiguration: configuration,
      onDidChangeConfiguration: changes.event,
    } as unknown as Pick<typeof vscode.workspace, "getConfiguration" | "onDidChangeConfiguration">,
  };
}
