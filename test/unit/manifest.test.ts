import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { withContributions, withTables } from "../../scripts/generate-manifest.ts";

interface Property extends Record<string, unknown> {
  scope?: string;
  markdownDescription?: string;
}

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string }[];
    configuration: { properties: Record<string, Property> };
  };
}

const packageJson = readFileSync(new URL("../../package.json", import.meta.url), "utf8");

describe("package.json", () => {
  const { commands, configuration } = (JSON.parse(withContributions("{}")) as Manifest).contributes;
  const properties = Object.entries(configuration.properties);

  it("says what the tables of settings and commands say", () => {
    assert.equal(packageJson, withContributions(packageJson));
  });

  it("lets no workspace change any setting", () => {
    for (const [name, { scope }] of properties) assert.equal(scope, "application", name);
  });

  it("describes each setting and names it behind the extension's prefix", () => {
    for (const [name, { markdownDescription }] of properties) {
      assert.match(name, /^llamaBridge\.[a-zA-Z.]+$/);
      assert.ok(markdownDescription, name);
    }
  });

  it("has no setting that would hold a key", () => {
    for (const [name] of properties) assert.doesNotMatch(name, /key|token|secret|password/i);
  });

  it("leaves out what only the command line reads", () => {
    const names = properties.map(([name]) => name);
    assert.ok(names.includes("llamaBridge.port"));
    assert.ok(!names.includes("llamaBridge.accessTokenEnv"));
  });

  it("does not sync the address to other machines", () => {
    const unsynced = properties.flatMap(([name, { ignoreSync }]) => (ignoreSync ? [name] : []));
    assert.deepEqual(unsynced, ["llamaBridge.host", "llamaBridge.port"]);
  });

  it("shows every command under one category", () => {
    assert.equal(commands.length, 9);
    for (const { category } of commands) assert.equal(category, "Llama Bridge");
  });
});

describe("README.md", () => {
  it("has the tables that the schema and the presets give", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    assert.equal(readme, withTables(readme));
  });

  it("is refused without the markers", () => {
    assert.throws(() => withTables("# Llama Bridge\n"), /providers:start/);
  });

  it("keeps what stands around the table and is stable", () => {
    const bare =
      "before\n\n<!-- providers:start -->\n<!-- providers:end -->\n\n<!-- settings:start -->\n<!-- settings:end -->\n\nafter\n";
    const filled = withTables(bare);
    assert.match(filled, /^before\n\n<!-- providers:start -->\n\n/);
    assert.match(filled, /\n\n<!-- settings:end -->\n\nafter\n$/);
    assert.match(filled, /^\| `openrouter` \| OpenRouter \| `https:/m);
    assert.match(filled, /^\| `accessTokenEnv` \| none \| .* \| CLI \|$/m);
    assert.match(filled, /^\| `autoStart` \| `true` \| .* \| VS Code \|$/m);
    assert.equal(withTables(filled), filled);
  });
});
