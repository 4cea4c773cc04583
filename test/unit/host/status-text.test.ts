import assert from "node:assert/strict";
import { BridgeError } from "../../../src/base/errors.ts";
import { commandIds } from "../../../src/host/command-ids.ts";
import { describeState } from "../../../src/host/status-text.ts";
import type { BridgeState, ProviderSummary } from "../../../src/service/bridge-state.ts";

function running(providers: ProviderSummary[], modelCount?: number): BridgeState {
  return { kind: "running", url: "http://127.0.0.1:11434", port: 11434, providers, modelCount };
}

const openrouter: ProviderSummary = {
  id: "openrouter",
  origin: "https://openrouter.ai",
  key: "present",
  breaker: "closed",
};
const taken = new BridgeError("port_taken", "Port 11434 is taken. Choose another.");
const invalid = new BridgeError("invalid_settings", '"port" is not valid.');

describe("describeState", () => {
  const table: [name: string, state: BridgeState, text: string, background?: string][] = [
    ["Stopped", { kind: "stopped" }, "$(circle-slash) Llama Bridge: Stopped"],
    ["Starting", { kind: "starting" }, "$(loading~spin) Llama Bridge: Starting"],
    ["Stopping", { kind: "stopping" }, "$(loading~spin) Llama Bridge: Stopping"],
    ["Running", running([openrouter], 342), "$(plug) Llama Bridge :11434"],
    ["the demo model", running([]), "$(plug) Llama Bridge :11434 (demo)"],
    [
      "No key",
      running([openrouter, { ...openrouter, key: "absent", breaker: "closed" }]),
      "$(warning) Llama Bridge :11434 (no key)",
      "warning",
    ],
    [
      "no key needed",
      running([{ ...openrouter, key: "not needed", breaker: "closed" }]),
      "$(plug) Llama Bridge :11434",
    ],
    [
      "Port taken",
      { kind: "failed", error: taken },
      "$(warning) Llama Bridge: Port taken",
      "warning",
    ],
    ["Error", { kind: "failed", error: invalid }, "$(error) Llama Bridge: Error", "error"],
  ];
  for (const [name, state, text, background] of table) {
    it(`shows ${name}`, () => {
      const status = describeState(state);
      assert.equal(status.text, text);
      assert.equal(status.background, background);
      assert.match(status.label, /^Llama Bridge: /);
    });
  }

  it("says in the tooltip endpoint, providers with their keys, and the number of models", () => {
    const local: ProviderSummary = {
      id: "local",
      origin: "http://[::1]:1",
      key: "not needed",
      breaker: "closed",
    };
    const { tooltip } = describeState(running([openrouter, local], 342));
    assert.match(tooltip, /Endpoint: `http:\/\/127\.0\.0\.1:11434`/);
    assert.match(tooltip, /^- openrouter: `https:\/\/openrouter\.ai`, key set$/m);
    assert.match(tooltip, /^- local: `http:\/\/\[::1\]:1`, no key needed$/m);
    assert.match(tooltip, /^Models: 342$/m);
  });

  it("says that models are not listed yet", () => {
    assert.match(describeState(running([openrouter])).tooltip, /^Models: not listed yet$/m);
  });

  it("says why it failed and keeps links and icons out of that text", () => {
    const error = new BridgeError(
      "upstream_failed",
      "[click](command:evil.run)\n\n$(x) <b>https://evil.example</b>",
    );
    const { tooltip } = describeState({ kind: "failed", error });
    assert.match(tooltip, /evil/);
    assert.doesNotMatch(tooltip, /\]\(command:evil|[^\\]<b>|https:\/\/|[^\\]\$\(/);
    assert.equal(tooltip.split("\n\n").length, 4);
  });

  it("links to our commands only", () => {
    for (const [, state] of table) {
      const links = [...describeState(state).tooltip.matchAll(/\(command:([^)]*)\)/g)];
      assert.notEqual(links.length, 0);
      for (const [, id] of links) assert.ok(commandIds.some((known) => known === id));
    }
  });

  it("tells which provider fails so often that it is left alone", () => {
    const { tooltip } = describeState(running([{ ...openrouter, breaker: "open" }]));
    assert.match(tooltip, /openrouter: .*\*\*failing, left alone for a moment\*\*/);
    assert.doesNotMatch(describeState(running([openrouter])).tooltip, /failing/);
  });
});
