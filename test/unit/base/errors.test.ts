import assert from "node:assert/strict";
import { BridgeError, describeCauses } from "../../../src/base/errors.ts";

describe("BridgeError", () => {
  it("keeps its cause, or has none", () => {
    const cause = new Error("socket hang up");
    assert.equal(new BridgeError("upstream_failed", "x", { cause }).cause, cause);
    assert.equal("cause" in new BridgeError("upstream_failed", "x"), false);
  });

  it("names itself in its stack", () => {
    const error = new BridgeError("internal", "x");
    assert.ok(error instanceof Error);
    assert.equal(String(error), "BridgeError: x");
  });
});

describe("describeCauses", () => {
  const nested = new BridgeError("upstream_failed", "outer", {
    cause: new TypeError("middle", { cause: "inner" }),
  });

  it("tells an error and its causes in one line, outermost first", () => {
    assert.equal(describeCauses(nested), 'BridgeError: outer <- TypeError: middle <- "inner"');
  });

  it("never throws, whatever was thrown", () => {
    const circle: Record<string, unknown> = {};
    circle["itself"] = circle;
    for (const thrown of [circle, 7n, Symbol("x"), Object.create(null), () => undefined]) {
      assert.equal(typeof describeCauses(thrown), "string");
    }
  });

  it("ends for causes that lead in a circle", () => {
    const error = new Error("round");
    error.cause = error;
    assert.ok(describeCauses(error).length < 200);
  });

  for (const [value, text] of [
    ["text", '"text"'],
    [7, "7"],
    [null, "null"],
    [undefined, ""],
  ]) {
    it(`takes ${JSON.stringify(value)}, which is no error`, () => {
      assert.equal(describeCauses(value), text);
    });
  }
});
