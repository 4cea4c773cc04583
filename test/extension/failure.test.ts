import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer } from "node:net";
import { commands } from "vscode";
import { answers } from "./bridge-client.ts";
import { errorOf } from "./dialogs.ts";
import { until } from "./until.ts";
import { setUserSetting, userPort } from "./user-settings.ts";

describe("when the bridge cannot start", () => {
  it("a taken port is named, with a way to the settings", async () => {
    await commands.executeCommand("llamaBridge.stop");
    const other = createServer().listen(userPort(), "127.0.0.1");
    await once(other, "listening");
    const { message, buttons } = await errorOf("llamaBridge.start");
    other.close();
    await once(other, "close");
    assert.match(message, new RegExp(`\\b${userPort()}\\b`));
    assert.deepEqual(buttons, ["Open Settings"]);
    await commands.executeCommand("llamaBridge.start");
    assert.ok(await answers(userPort()), "no answer");
  });

  it("a wrong setting is named, and its repair starts the bridge", async () => {
    await setUserSetting("providers", [
      { id: "not an id", baseUrl: "https://provider.example/v1" },
    ]);
    const { message, buttons } = await errorOf("llamaBridge.restart");
    assert.match(message, /providers\.0\.id/);
    assert.deepEqual(buttons, ["Open Settings"]);
    await setUserSetting("providers", undefined);
    await until("an answer", () => answers(userPort()));
  });
});
