import { strict as assert } from "node:assert";
import { commands, env, extensions, version } from "vscode";
import { answers } from "./bridge-client.ts";
import { ask } from "./http-client.ts";
import { remarks } from "./remarks.ts";
import { until } from "./until.ts";
import { userPort } from "./user-settings.ts";

describe("when VS Code has started", () => {
  it("the extension is active", async () => {
    const extension = extensions.getExtension("llama-bridge.llama-bridge");
    assert.ok(extension, "the extension is not there");
    await until("activation", () => extension.isActive);
    remarks.push(`${env.appName}, VS Code ${version}, Node ${process.version}`);
  });

  it("the bridge answers /api/version on the port of the user's settings", async () => {
    await until("an answer", () => answers(userPort()));
    const { status, text } = await ask(userPort(), "/api/version");
    assert.equal(status, 200);
    assert.match((JSON.parse(text) as { version: string }).version, /^\d+\.\d+\.\d+/);
  });

  it("every command of the manifest is there", async () => {
    const manifest = extensions.getExtension("llama-bridge.llama-bridge")?.packageJSON as Manifest;
    const registered = await commands.getCommands(true);
    const declared = manifest.contributes.commands.map(({ command }) => command);
    assert.ok(declared.length > 0);
    assert.deepEqual(
      declared.filter((command) => !registered.includes(command)),
      [],
    );
  });

  it("the endpoint goes to the clipboard", async () => {
    await commands.executeCommand("llamaBridge.copyEndpoint");
    assert.equal(await env.clipboard.readText(), `http://127.0.0.1:${userPort()}`);
  });
});

interface Manifest {
  contributes: { commands: { command: string }[] };
}
