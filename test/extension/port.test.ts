import { strict as assert } from "node:assert";
import { commands } from "vscode";
import { answers } from "./bridge-client.ts";
import { until } from "./until.ts";
import { setUserSetting, userPort } from "./user-settings.ts";
import { freePort, isFree } from "../../scripts/vscode-host/free-port.ts";

describe("the port", () => {
  it("moves when the setting does, and the old one is free", async () => {
    const before = userPort();
    const after = await freePort();
    await setUserSetting("port", after);
    await until("an answer on the new port", () => answers(after));
    assert.ok(await isFree(before), "the old port is still taken");

    await setUserSetting("port", before);
    await until("an answer on the first port again", () => answers(before));
    assert.ok(await isFree(after), "the second port is still taken");
  });

  it("is free after Stop, and taken after Start", async () => {
    await commands.executeCommand("llamaBridge.stop");
    assert.ok(await isFree(userPort()), "still taken");
    await commands.executeCommand("llamaBridge.start");
    assert.ok(await answers(userPort()), "no answer");
  });

  it("is given up and taken again by Toggle", async () => {
    await commands.executeCommand("llamaBridge.toggle");
    assert.ok(await isFree(userPort()), "still taken");
    await commands.executeCommand("llamaBridge.toggle");
    assert.ok(await answers(userPort()), "no answer");
  });

  it("answers again after Restart", async () => {
    await commands.executeCommand("llamaBridge.restart");
    assert.ok(await answers(userPort()), "no answer");
  });
});
