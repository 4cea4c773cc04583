import assert from "node:assert/strict";
import { BridgeError, type BridgeErrorCode } from "../../../src/base/errors.ts";
import { connectionNotice, failureNotice } from "../../../src/host/notices.ts";

describe("failureNotice", () => {
  const remedies: [code: BridgeErrorCode, title: string, argument?: string][] = [
    ["port_taken", "Open Settings", "llamaBridge.port"],
    ["invalid_settings", "Open Settings", "llamaBridge"],
    ["upstream_unauthorized", "Set API Key"],
    ["upstream_failed", "Show Log"],
  ];
  for (const [code, title, argument] of remedies) {
    it(`shows the message of ${code} and offers "${title}"`, () => {
      const { message, actions } = failureNotice("llamaBridge.start", new BridgeError(code, "So."));
      assert.equal(message, "So.");
      assert.equal(actions.length, 1);
      assert.equal(actions[0]?.title, title);
      assert.equal(actions[0].argument, argument);
    });
  }

  it("shows nothing of a bug but where to look", () => {
    const { message, actions } = failureNotice("llamaBridge.copyEndpoint", new Error("sk-CANARY"));
    assert.match(message, /"Llama Bridge: Copy Endpoint URL" failed unexpectedly/);
    assert.doesNotMatch(message, /CANARY/);
    assert.equal(actions[0]?.title, "Show Log");
  });
});

describe("connectionNotice", () => {
  const good = {
    provider: "openrouter",
    origin: "https://openrouter.ai",
    modelCount: 342,
    ms: 209.6,
  };
  const failed = (code: BridgeErrorCode, text: string) => {
    const error = new BridgeError(code, text);
    return { provider: "lan", origin: "http://10.0.0.5", ms: 3, error };
  };

  it("tells models and time", () => {
    const { severity, message, actions } = connectionNotice([good]);
    assert.equal(severity, "information");
    assert.equal(message, "openrouter: 342 models in 210 ms");
    assert.deepEqual(actions, []);
  });

  it("counts one model as one", () => {
    assert.match(connectionNotice([{ ...good, modelCount: 1 }]).message, /: 1 model in/);
  });

  it("tells success and failure of several in one message", () => {
    const refused = failed("upstream_failed", "lan: nothing listens there.");
    const { severity, message } = connectionNotice([good, refused]);
    assert.equal(severity, "error");
    assert.equal(message, "openrouter: 342 models in 210 ms · lan: nothing listens there.");
  });

  it("offers what helps with the first failure", () => {
    const titles = (code: BridgeErrorCode) =>
      connectionNotice([good, failed(code, "lan: no.")]).actions.map(({ title }) => title);
    assert.deepEqual(titles("upstream_unauthorized"), ["Set API Key"]);
    assert.deepEqual(titles("upstream_failed"), ["Show Log"]);
  });

  it("says that the demo model answers when there is no provider", () => {
    const { severity, message } = connectionNotice([{ provider: "demo", modelCount: 1, ms: 0 }]);
    assert.equal(severity, "information");
    assert.match(message, /demo model/);
  });
});
