import assert from "node:assert/strict";
import { fakeWorkspace } from "./fake-host.ts";
import { BridgeError } from "../../../src/base/errors.ts";
import { createSettingsSource } from "../../../src/host/settings-source.ts";
import { describeSettings, parseSettings } from "../../../src/service/settings.ts";

const names = describeSettings().map(({ key }) => `llamaBridge.${key}`);

function setUp(user: Record<string, unknown> = {}) {
  const window = fakeWorkspace(user);
  return { window, settings: createSettingsSource({ workspace: window.api, names }) };
}

describe("createSettingsSource", () => {
  it("has the schema's defaults when the user set nothing", async () => {
    const { settings } = setUp();
    assert.deepEqual((await settings.reader())(), parseSettings({}, ""));
  });

  it("reads the user's values, nested ones too, as they are at that moment", async () => {
    const { settings, window } = setUp({ "llamaBridge.timeouts.connectMs": 5 });
    const read = await settings.reader();
    assert.equal(read().timeouts.connectMs, 5);
    assert.equal(read().timeouts.idleMs, 300_000);
    window.user["llamaBridge.port"] = 0;
    assert.equal(read().port, 0);
  });

  it("never takes a value from the workspace", async () => {
    const { settings, window } = setUp({ "llamaBridge.port": 4711 });
    for (const name of names) window.workspace[name] = "evil";
    assert.deepEqual((await settings.reader())(), parseSettings({ port: 4711 }, ""));
    window.workspace["llamaBridge.autoStart"] = false;
    assert.equal(settings.autoStart(), true);
  });

  it("names a wrong value", async () => {
    const { settings } = setUp({ "llamaBridge.port": "many" });
    const read = await settings.reader();
    assert.throws(read, (error) => {
      assert.ok(error instanceof BridgeError);
      assert.equal(error.code, "invalid_settings");
      assert.match(error.message, /^VS Code settings: "port"/);
      return true;
    });
  });

  it("starts by itself unless the user said no", () => {
    assert.equal(setUp().settings.autoStart(), true);
    assert.equal(setUp({ "llamaBridge.autoStart": false }).settings.autoStart(), false);
    assert.equal(setUp({ "llamaBridge.autoStart": true }).settings.autoStart(), true);
  });

  it("adds a provider behind those that are there", async () => {
    const one = { id: "one", baseUrl: "https://one.example/v1" };
    const two = { id: "two", baseUrl: "https://two.example/v1" };
    const { settings } = setUp({ "llamaBridge.providers": [one] });
    await settings.addProvider(two);
    assert.deepEqual((await settings.reader())().providers, [one, two]);
  });

  it("tells the remedy when the settings cannot be written", async () => {
    const { settings, window } = setUp();
    Object.freeze(window.user);
    await assert.rejects(
      settings.addProvider({ id: "one", baseUrl: "https://one.example/v1" }),
      /could not write "llamaBridge.providers"/,
    );
  });

  describe("tells of a change", () => {
    function listen(user: Record<string, unknown> = {}) {
      const { settings, window } = setUp(user);
      const told = { times: 0 };
      const subscription = settings.onChange(() => (told.times += 1));
      return { window, told, subscription };
    }

    it("of the user's values, until disposed", () => {
      const { window, told, subscription } = listen();
      window.user["llamaBridge.port"] = 0;
      window.tell();
      assert.equal(told.times, 1);
      subscription.dispose();
      window.user["llamaBridge.port"] = 1;
      window.tell();
      assert.equal(told.times, 1);
    });

    it("but not of what a workspace says, of a restated value or of another extension", () => {
      const { window, told } = listen({ "llamaBridge.port": 1 });
      window.workspace["llamaBridge.port"] = 2;
      window.tell();
      window.tell("editor");
      assert.equal(told.times, 0);
    });

    it("but not of autoStart, which concerns the next window only", () => {
      const { window, told } = listen();
      window.user["llamaBridge.autoStart"] = false;
      window.tell();
      assert.equal(told.times, 0);
    });
  });
});
