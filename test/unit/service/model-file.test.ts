import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStoredModels } from "../../../src/catalog/stored-models.ts";
import { createModelFile } from "../../../src/service/model-file.ts";
import { createTestLog } from "../../support/log.ts";

describe("the file of stored models", () => {
  let folder: string;
  let path: string;
  const open = () => createStoredModels(createModelFile(path, createTestLog()));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "llama-bridge-"));
    path = join(folder, "deep", "models.json");
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("is not there before the first model", async () => {
    assert.equal((await open().aliases()).size, 0);
    assert.deepEqual(await readdir(folder), []);
  });

  it("gives back what was stored", async () => {
    const stored = open();
    await stored.add("Helper", { from: "gpt", system: "Be brief.", createdAt: 1 });
    await stored.hide("old");
    const again = open();
    assert.deepEqual(await again.find("helper:latest"), {
      from: "gpt",
      system: "Be brief.",
      createdAt: 1,
    });
    assert.equal(await again.isHidden("OLD:latest"), true);
    assert.deepEqual(await readdir(join(folder, "deep")), ["models.json"]);
  });

  it("keeps all of several that are stored at once", async () => {
    const stored = open();
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name) => stored.add(name, { from: "gpt", createdAt: 1 })));
    assert.deepEqual([...(await open().aliases()).keys()].sort(), [
      "a:latest",
      "b:latest",
      "c:latest",
    ]);
  });

  for (const content of [
    "{ not JSON",
    '{"version":2}',
    '{"version":1,"aliases":{"a":{}},"hidden":[]}',
  ]) {
    it(`is set aside when nobody can read it: ${content}`, async () => {
      path = join(folder, "models.json");
      await writeFile(path, content);
      const stored = open();
      assert.equal((await stored.aliases()).size, 0);
      await stored.add("a", { from: "gpt", createdAt: 1 });
      assert.equal(await readFile(`${path}.broken`, "utf8"), content);
      assert.equal((await open().aliases()).size, 1);
    });
  }

  it("says that a model could not be stored", async () => {
    path = join(folder, "file", "models.json");
    await writeFile(join(folder, "file"), "");
    await assert.rejects(open().add("a", { from: "gpt", createdAt: 1 }), { code: "not_stored" });
  });

  it("that cannot be read is left alone: nothing is written over it, and that is said", async () => {
    path = join(folder, "models.json");
    await mkdir(path);
    const stored = open();
    assert.equal((await stored.aliases()).size, 0);
    await assert.rejects(stored.add("a", { from: "gpt", createdAt: 1 }), {
      code: "not_stored",
      message: /cannot be read and would be lost/,
    });
    assert.ok((await stat(path)).isDirectory());
  });

  it("that cannot be set aside is left alone too", async () => {
    path = join(folder, "models.json");
    await writeFile(path, "{ not JSON");
    await mkdir(join(`${path}.broken`, "in the way"), { recursive: true });
    const stored = open();
    assert.equal((await stored.aliases()).size, 0);
    await assert.rejects(stored.hide("a"), { code: "not_stored" });
    assert.equal(await readFile(path, "utf8"), "{ not JSON");
  });
});
