import { strict as assert } from "node:assert";
import { openWindow } from "./window.ts";
import type { Window } from "./window.ts";
import { freePort, isFree } from "../../scripts/vscode-host/free-port.ts";
import { createOwned } from "../../scripts/vscode-host/owned.ts";
import { answers, chat, listModels, wordsOf } from "../extension/bridge-client.ts";
import { FAKE_ANSWER, FAKE_MODEL, startFakeProvider } from "../extension/fake-provider.ts";
import type { FakeProvider } from "../extension/fake-provider.ts";
import { remarks } from "../extension/remarks.ts";
import { until } from "../extension/until.ts";

const KEY = "walk-0123456789abcdef";
const SEEN_LIMIT_MS = 30_000;

describe("a person in a new window", () => {
  let port: number;
  let provider: FakeProvider;
  let window: Window;
  const owned = createOwned();

  before(async () => {
    port = await freePort();
    provider = await startFakeProvider();
    owned.add(provider.close);
    window = await openWindow(owned, { "llamaBridge.port": port });
  });

  afterEach(async function () {
    if (this.currentTest?.isFailed()) await window.photograph("failure");
  });

  after(owned.closeAll);

  const statusSays = (text: string) =>
    until(
      `"${text}" in the status bar`,
      async () => (await window.statusBar.innerText()).includes(text),
      SEEN_LIMIT_MS,
    );
  const isSeen = (text: string) =>
    window.page.getByText(text).first().waitFor({ timeout: SEEN_LIMIT_MS });

  it("sees the bridge running with the demo model", async () => {
    await window.statusBar.waitFor({ timeout: SEEN_LIMIT_MS });
    await statusSays(`Llama Bridge :${port} (demo)`);
    await window.photograph("01-running");
  });

  it("reads the tooltip", async () => {
    await window.statusBar.hover();
    await isSeen(`http://127.0.0.1:${port}`);
    await window.photograph("02-tooltip");
    await window.page.mouse.move(640, 300);
  });

  it("stops the bridge by a click", async () => {
    await window.statusBar.click();
    await statusSays("Llama Bridge: Stopped");
    assert.ok(await isFree(port), "the port is still taken");
    await window.photograph("03-stopped");
  });

  it("starts it by another click", async () => {
    await window.statusBar.click();
    await statusSays(`Llama Bridge :${port} (demo)`);
    assert.ok(await answers(port), "no answer");
  });

  it("enters a provider and its key", async () => {
    const { quickInput, page } = window;
    await window.runCommand("Llama Bridge: Set API Key");
    await quickInput.getByText("Base URL").first().waitFor();
    const address = quickInput.locator("input[type=text]");
    assert.equal(await address.inputValue(), "https://api.openai.com/v1");
    await window.photograph("04-base-url");
    await address.fill(provider.baseUrl);
    await page.keyboard.press("Enter");

    const secret = quickInput.locator("input[type=password]");
    await secret.waitFor();
    await secret.pressSequentially(KEY);
    await window.photograph("05-key");
    await page.keyboard.press("Enter");

    await isSeen("is set up.");
    await window.photograph("06-provider-set-up");
    const settings = window.readUserSettings();
    assert.deepEqual(settings["llamaBridge.providers"], [
      { id: "local", baseUrl: provider.baseUrl },
    ]);
    assert.ok(!JSON.stringify(settings).includes(KEY), "the key stands in the settings");
    await until("the status without (demo)", async () => {
      const text = await window.statusBar.innerText();
      return text.includes(`:${port}`) && !text.includes("demo");
    });
  });

  it("tests the connection from the notification", async () => {
    await window.notifications.getByText("Test Connection").click();
    await isSeen("local: 1 model in");
    await window.photograph("07-connection-tested");
  });

  it("chats with the provider, which sees the key", async () => {
    assert.equal(await chatWithProvider(), FAKE_ANSWER.join(""));
    assert.equal(provider.requests.at(-1)?.authorization, `Bearer ${KEY}`);
  });

  it("reads the log, which does not tell the key", async () => {
    await window.runCommand("Notifications: Clear All Notifications");
    await window.runCommand("Llama Bridge: Show Log");
    const lines = window.page.locator(".part.panel .view-lines");
    await until("the chat in the log", async () => (await lines.innerText()).includes("/api/chat"));
    await window.photograph("08-log");
    assert.ok(!(await lines.innerText()).includes(KEY), "the log shows the key");
    assert.notDeepEqual(window.filesWith("/api/chat"), [], "no log file was found");
    assert.deepEqual(window.filesWith(KEY), []);
  });

  it("reloads the window and finds the key kept", async () => {
    await window.page.reload();
    await window.statusBar.waitFor({ timeout: SEEN_LIMIT_MS });
    await statusSays(`:${port}`);
    const seen = provider.requests.length;
    assert.equal(await chatWithProvider(), FAKE_ANSWER.join(""));
    assert.deepEqual(
      [...new Set(provider.requests.slice(seen).map(({ authorization }) => authorization))],
      [`Bearer ${KEY}`],
    );
    await window.photograph("09-reloaded");
  });

  it("looks up how long the activation took", async () => {
    await window.runCommand("Developer: Show Running Extensions");
    const row = window.page.locator(".runtime-extensions-editor .extension", {
      hasText: "Llama Bridge",
    });
    const text = await until(
      "a time",
      async () => /\d+ ?ms/.test(await row.innerText()) && row.innerText(),
    );
    await window.photograph("10-running-extensions");
    remarks.push(`VS Code about the start: ${text.replace(/\s+/g, " ")}`);
  });

  async function chatWithProvider(): Promise<string> {
    const model = await until("the provider's model in the list", async () =>
      (await listModels(port)).find((name) => name.startsWith(FAKE_MODEL)),
    );
    return wordsOf(await chat(port, model));
  }
});
