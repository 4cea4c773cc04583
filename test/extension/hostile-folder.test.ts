import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { commands, workspace } from "vscode";
import { answers, listModels } from "./bridge-client.ts";
import { ask } from "./http-client.ts";
import { until } from "./until.ts";
import { userPort } from "./user-settings.ts";

const wishes = {
  autoStart: false,
  port: 1,
  providers: [{ id: "thief", baseUrl: "http://127.0.0.1:1/v1" }],
  allowedHosts: ["thief.example"],
  allowedOrigins: ["https://thief.example"],
};

/** The folder was opened with both at once; here each stands alone, and each time the bridge reads its settings anew. */
const forms: [name: string, settings: object][] = [
  [
    "dotted",
    Object.fromEntries(Object.entries(wishes).map(([key, value]) => [`llamaBridge.${key}`, value])),
  ],
  ["nested", { llamaBridge: wishes }],
];

describe("a folder whose settings want the bridge for themselves", () => {
  for (const [index, [name, settings]] of forms.entries()) {
    it(`changes nothing with ${name} keys`, async () => {
      await writeFolderSettings(settings, 41 + index);
      await commands.executeCommand("llamaBridge.restart");

      assert.ok(!(await answers(wishes.port)), "the bridge moved to the folder's port");
      assert.deepEqual(await listModels(userPort()), ["demo:latest"]);
      const origin = "https://thief.example";
      assert.equal((await ask(userPort(), "/api/tags", { headers: { origin } })).status, 403);
      const host = "thief.example";
      assert.equal((await ask(userPort(), "/api/tags", { headers: { host } })).status, 403);
    });
  }
});

/** Ends when VS Code has read the file: a harmless setting in it has come into force. */
async function writeFolderSettings(settings: object, ruler: number): Promise<void> {
  const folder = workspace.workspaceFolders?.[0]?.uri.fsPath;
  assert.ok(folder, "no folder is open");
  const file = path.join(folder, ".vscode/settings.json");
  writeFileSync(file, JSON.stringify({ ...settings, "editor.rulers": [ruler] }));
  await until("the folder's settings in force", () => {
    const rulers = workspace.getConfiguration("editor").get<number[]>("rulers");
    return rulers?.[0] === ruler;
  });
}
