import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { parseSettings } from "../../src/service/settings.ts";
import { parseBaseUrl } from "../../src/upstream/base-url.ts";
import { createUpstream } from "../../src/upstream/client.ts";
import { createTransport } from "../../src/upstream/transport.ts";
import { eventually, within } from "../support/deadline.ts";
import {
  json,
  sse,
  startFakeProvider,
  textChunks,
  type Answer,
  type FakeProvider,
} from "../support/fake-provider.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";

/** Short enough to wait for. */
const QUICK = { attempts: 3, baseDelayMs: 1, maxDelayMs: 2 };

const chatWith = (model: string, more: object = {}) => ({
  method: "POST",
  body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], ...more }),
});

interface Status {
  memory: { rss: number };
  providers: { id: string; breaker: string; running: number; waiting: number }[];
  sinceStart: { requests: number };
  models: { provider: string; model: string; sinceStart: { promptTokens: number; cost: number } }[];
}

describe("three providers at once: one slow, one failing, one fine", () => {
  let slow: FakeProvider;
  let failing: FakeProvider;
  let fine: FakeProvider;
  let bridge: RunningBridge;
  let let_go: () => void;

  beforeEach(async () => {
    const gate = new Promise<void>((resolve) => (let_go = resolve));
    slow = await startFakeProvider(
      async (response, request) => {
        await gate;
        await sse(textChunks("slow"))(response, request);
      },
      { models: ["slow-model", "both"] },
    );
    failing = await startFakeProvider(json({ error: { message: "broken" } }, { status: 500 }), {
      models: ["failing-model", "both"],
    });
    fine = await startFakeProvider(sse(textChunks("fine")), { models: ["fine-model"] });
    bridge = await startBridge("", {
      settings: {
        retry: QUICK,
        providers: [
          { id: "slow", baseUrl: slow.baseUrl },
          { id: "failing", baseUrl: failing.baseUrl },
          { id: "fine", baseUrl: fine.baseUrl },
        ],
        aliases: { best: ["failing-model", "fine-model"] },
      },
    });
  });

  afterEach(async () => {
    let_go();
    await bridge.close();
    await Promise.all([slow.close(), failing.close(), fine.close()]);
  });

  const names = async () => {
    const { models } = (await (await fetch(`${bridge.url}/api/tags`)).json()) as {
      models: { name: string }[];
    };
    return models.map(({ name }) => name).sort();
  };
  const chat = (model: string) => fetch(`${bridge.url}/api/chat`, chatWith(model));
  const status = async () => (await (await fetch(`${bridge.url}/bridge/status`)).json()) as Status;
  const breakerOf = async (id: string) =>
    (await status()).providers.find((provider) => provider.id === id)?.breaker;

  it("stand in one list, and each model leads to its own", async () => {
    assert.deepEqual(await names(), [
      "best:latest",
      "failing-model:latest",
      "failing/both:latest",
      "fine-model:latest",
      "slow-model:latest",
      "slow/both:latest",
    ]);
    assert.match(await (await chat("fine-model")).text(), /fine/);
    const waiting = chat("slow-model");
    assert.match(await (await chat("fine-model")).text(), /fine/, "nobody waits for the slow one");
    let_go();
    assert.match(await (await waiting).text(), /slow/);
  });

  it("do not hide each other's models when one is down", async () => {
    await failing.close();
    assert.deepEqual(await names(), [
      "best:latest",
      "both:latest",
      "fine-model:latest",
      "slow-model:latest",
    ]);
  });

  it("are asked again, given up, left alone, and stood in for", async () => {
    assert.equal((await chat("failing-model")).status, 502);
    const asked = () => failing.requests.filter(({ path }) => path.includes("/chat")).length;
    assert.equal(asked(), 3, "three attempts");
    assert.match(await (await chat("best")).text(), /"content":"fine"/);
    assert.equal(await breakerOf("failing"), "open");
    const before = asked();
    const refused = await chat("failing-model");
    assert.equal(refused.status, 503);
    assert.match(
      await refused.text(),
      /failing: failed 5 times in a row and is left alone for \d+ s/,
    );
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.match(await (await chat("best")).text(), /"content":"fine"/);
    assert.equal(asked(), before, "nobody asks it any more");
    assert.equal(await breakerOf("fine"), "closed");
  });

  it("are told of at /bridge/status and at /metrics, behind the guard", async () => {
    await (await chat("fine-model")).text();
    const { models, memory, sinceStart } = await status();
    assert.deepEqual([models[0]?.provider, models[0]?.model], ["fine", "fine-model"]);
    assert.equal(models[0]?.sinceStart.promptTokens, 7);
    assert.ok(memory.rss > 0 && sinceStart.requests >= 1);
    const metrics = await (await fetch(`${bridge.url}/metrics`)).text();
    assert.match(metrics, /^llama_bridge_requests_total\{provider="fine",model="fine-model"\} 1$/m);
    for (const path of ["/bridge/status", "/metrics"]) {
      const headers = { origin: "https://evil.example" };
      assert.equal((await fetch(bridge.url + path, { headers })).status, 403);
    }
  });
});

describe("a provider that fails before its first byte", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge | undefined;

  beforeEach(async () => {
    provider = await startFakeProvider();
  });

  afterEach(async () => {
    await bridge?.close();
    await provider.close();
  });

  const chats = () => provider.requests.filter(({ path }) => path.includes("/chat")).length;

  /** Gives one answer after the other, the last one again and again. */
  function script(...answers: Answer[]): void {
    provider.answer = (response, request) => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      return answer?.(response, request);
    };
  }

  async function chat(settings: object = {}, more: object = {}) {
    bridge = await startBridge(provider.baseUrl, { settings: { retry: QUICK, ...settings } });
    await bridge.catalog.list();
    const response = await fetch(`${bridge.url}/api/chat`, chatWith("gpt-test", more));
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  const good = sse(textChunks("Hello"));
  const status = (code: number, headers = {}) =>
    json({ error: { message: `no (${code})` } }, { status: code, headers });
  const cutBefore: Answer = (response) => {
    response.destroy();
  };
  const cutBehindHeaders: Answer = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    setTimeout(() => response.destroy(), 20);
  };
  const cutBehindRole: Answer = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(': ping\n\ndata: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n');
    setTimeout(() => response.destroy(), 20);
  };

  for (const [name, first] of [
    ["with 500", status(500)],
    ["with 502", status(502)],
    ["with 503", status(503)],
    ["with 504", status(504)],
    ["with 529", status(529)],
    ["with 408", status(408)],
    ["with 429", status(429, { "retry-after": "0" })],
    ["by a reset before its headers", cutBefore],
    ["by a reset behind its headers", cutBehindHeaders],
    ["by a reset behind its role", cutBehindRole],
    ["with an error as its first event", sse(['{"error":{"message":"busy","code":503}}'])],
    ["with an error in one piece under 200", json({ error: { message: "busy", code: 503 } })],
  ] as const) {
    for (const stream of [true, false]) {
      it(`${name} is asked again, and nobody notices (${stream ? "" : "not "}streamed)`, async () => {
        script(first, good);
        const { status: got, text } = await chat({}, { stream });
        assert.equal(got, 200, text);
        assert.match(text, /Hello/);
        assert.equal(chats(), 2);
      });
    }
  }

  for (const code of [400, 401, 402, 403, 404, 413, 422]) {
    it(`with ${code} is not asked again`, async () => {
      script(status(code), good);
      await chat();
      assert.equal(chats(), 1);
    });
  }

  it("with a quota is not asked again, and says that waiting does not help", async () => {
    script(json({ error: { message: "m", code: "insufficient_quota" } }, { status: 429 }), good);
    const { status: got, text } = await chat();
    assert.equal(got, 429);
    assert.match(text, /nothing left to spend, so waiting does not help/);
    assert.equal(chats(), 1);
  });

  it("with a longer Retry-After than is waited for passes it on", async () => {
    script(status(429, { "retry-after": "120" }), good);
    const { status: got, headers } = await chat();
    assert.equal(got, 429);
    assert.equal(headers.get("retry-after"), "120");
    assert.equal(chats(), 1);
  });

  it("is asked as often as the setting says", async () => {
    script(status(503));
    await chat({ retry: { ...QUICK, attempts: 1 } });
    assert.equal(chats(), 1);
  });

  it("is not asked again in the middle of an answer", async () => {
    script((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${textChunks("Hello")[1] ?? ""}\n\n`);
      setTimeout(() => response.destroy(), 20);
    }, good);
    const { status: got, text } = await chat();
    assert.equal(got, 200);
    assert.match(text, /"content":"Hello".*\n\{"error":"local: it closed the connection\."\}\n$/);
    assert.equal(chats(), 1);
  });

  it("is not asked again once the client has gone", async () => {
    script(status(503, { "retry-after": "2" }), good);
    bridge = await startBridge(provider.baseUrl, { settings: { retry: QUICK } });
    await bridge.catalog.list();
    const leaving = new AbortController();
    const asked = fetch(`${bridge.url}/api/chat`, {
      ...chatWith("gpt-test"),
      signal: leaving.signal,
    });
    await eventually("the first attempt", () => chats() === 1);
    leaving.abort();
    await assert.rejects(asked, { name: "AbortError" });
    const { lines } = bridge.log;
    await eventually("its line", () => lines.some(({ message }) => message === "client hung up"));
    assert.equal(chats(), 1);
  });
});

describe("a connection that the provider has closed meanwhile", () => {
  let server: Server;
  let bridge: RunningBridge;
  let requests: number;

  beforeEach(async () => {
    requests = 0;
    // Each connection answers once, and is reset as soon as it is used again: the race that keep-alive always is.
    server = createServer((message, response) => {
      message.resume();
      if (message.url === "/v1/models") {
        response.end(JSON.stringify({ data: [{ id: "gpt-test" }] }));
        return;
      }
      requests++;
      const { socket } = message;
      const used = socket as typeof socket & { isUsed?: boolean };
      if (used.isUsed) {
        socket.resetAndDestroy();
        return;
      }
      used.isUsed = true;
      response.setHeader("content-type", "text/event-stream");
      response.end(
        textChunks("Hello")
          .map((data) => `data: ${data}\n\n`)
          .join(""),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const settings = { retry: { attempts: 1 } };
    bridge = await startBridge(`http://127.0.0.1:${port}/v1`, { settings });
    await bridge.catalog.list();
  });

  afterEach(async () => {
    await bridge.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("is replaced at once, though nothing else is ever repeated", async () => {
    for (let round = 0; round < 3; round++) {
      const response = await fetch(`${bridge.url}/api/chat`, chatWith("gpt-test"));
      assert.equal(response.status, 200);
      assert.match(await response.text(), /"done":true/);
    }
    assert.ok(requests > 3, "a reset was met");
  });
});

describe("more calls than a provider may have at once", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge;
  let open: () => void;

  beforeEach(async () => {
    const gate = new Promise<void>((resolve) => (open = resolve));
    provider = await startFakeProvider(async (response, request) => {
      await gate;
      await sse(textChunks("Hello"))(response, request);
    });
    const limits = { maxConcurrent: 2, maxQueued: 1 };
    bridge = await startBridge(provider.baseUrl, { settings: { limits } });
    await bridge.catalog.list();
    provider.requests.length = 0;
  });

  afterEach(async () => {
    open();
    await bridge.close();
    await provider.close();
  });

  const chat = (more: RequestInit = {}) =>
    fetch(`${bridge.url}/api/chat`, { ...chatWith("gpt-test"), ...more });
  const load = () => bridge.providers[0]?.upstream.load;
  const waitFor = (running: number, waiting: number) =>
    eventually(
      `${running} running and ${waiting} waiting`,
      () => load()?.running === running && load()?.waiting === waiting,
    );

  it("wait for their turn, and beyond that are told so in Ollama's words", async () => {
    const first = [chat(), chat()];
    await waitFor(2, 0);
    const third = chat();
    await waitFor(2, 1);
    const fourth = await chat();
    assert.equal(fourth.status, 503);
    assert.deepEqual(await fourth.json(), {
      error: "server busy, please try again.  maximum pending requests exceeded",
    });
    assert.equal(provider.requests.length, 2);
    open();
    for (const one of [...first, third]) assert.match(await (await one).text(), /"done":true/);
    await waitFor(0, 0);
  });

  it("give their place back when their client leaves, waiting or not", async () => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const gone = [chat({ signal }), chat({ signal }), chat({ signal })];
    await waitFor(2, 1);
    leaving.abort();
    await Promise.allSettled(gone);
    await waitFor(0, 0);
    open();
    assert.match(await (await chat()).text(), /"done":true/);
  });
});

describe("time limits by endpoint", () => {
  let provider: FakeProvider;
  let bridge: RunningBridge | undefined;

  beforeEach(async () => {
    provider = await startFakeProvider(() => undefined);
  });

  afterEach(async () => {
    await bridge?.close();
    await provider.close();
  });

  const ask = async (path: string, body: object, settings: object) => {
    bridge = await startBridge(provider.baseUrl, { settings });
    await bridge.catalog.list();
    const init = { method: "POST", body: JSON.stringify({ model: "gpt-test", ...body }) };
    const response = await within("an answer", fetch(bridge.url + path, init));
    return { status: response.status, text: await response.text() };
  };

  it("end an embedding by its own", async () => {
    const timeouts = { embedFirstByteMs: 50 };
    const { status, text } = await ask("/api/embed", { input: "a" }, { timeouts });
    assert.equal(status, 504);
    assert.match(text, /sent no answer within 50 ms \(setting timeouts\.embedFirstByteMs\)/);
  });

  it("can be one provider's own", async () => {
    const providers = [{ id: "local", baseUrl: provider.baseUrl, timeouts: { firstByteMs: 60 } }];
    const { status, text } = await ask("/api/generate", { prompt: "a" }, { providers });
    assert.equal(status, 504);
    assert.match(text, /sent no answer within 60 ms \(setting timeouts\.firstByteMs\)/);
  });

  it("end a list by its own", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const settings = { timeouts: { listFirstByteMs: 50 } };
    bridge = await startBridge(`http://127.0.0.1:${port}/v1`, { settings });
    const response = await within("an answer", fetch(`${bridge.url}/api/tags`));
    assert.equal(response.status, 504);
    assert.match(await response.text(), /setting timeouts\.listFirstByteMs/);
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe("a base URL that is only a host", () => {
  for (const [name, elsewhere] of [
    ["nothing", { status: 404, type: "application/json" }],
    ["a page for people", { status: 200, type: "text/html" }],
  ] as const) {
    it(`is left for /v1 where it has ${name}, and that is remembered`, async () => {
      const paths: string[] = [];
      const server = createServer((message, response) => {
        message.resume();
        paths.push(message.url ?? "");
        if (!message.url?.startsWith("/v1/")) {
          response.writeHead(elsewhere.status, { "content-type": elsewhere.type }).end("<html>");
        } else if (message.url === "/v1/models") {
          response.end(JSON.stringify({ data: [{ id: "gpt-test" }] }));
        } else
          response.end(
            textChunks("Hello")
              .map((data) => `data: ${data}\n\n`)
              .join(""),
          );
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const bridge = await startBridge(`http://127.0.0.1:${port}`);
      try {
        const listed = await (await fetch(`${bridge.url}/api/tags`)).text();
        assert.match(listed, /gpt-test/);
        const answer = await fetch(`${bridge.url}/api/chat`, chatWith("gpt-test"));
        assert.match(await answer.text(), /"done":true/);
        assert.deepEqual(paths, ["/models", "/v1/models", "/v1/chat/completions"]);
      } finally {
        await bridge.close();
        await new Promise((resolve) => server.close(resolve));
      }
    });
  }
});

describe("a base URL that is only a host, asked several times at once", () => {
  it("is found out once: every call arrives", async () => {
    const server = createServer((message, response) => {
      message.resume();
      if (message.url === "/v1/chat/completions") {
        response.end(
          textChunks("Hello")
            .map((data) => `data: ${data}\n\n`)
            .join(""),
        );
      } else response.writeHead(404).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const transport = createTransport({ connectMs: 1000 });
    const upstream = createUpstream({
      id: "p",
      baseUrl: parseBaseUrl(`http://127.0.0.1:${port}`),
      apiKey: () => Promise.resolve(undefined),
      transport,
      timeouts: parseSettings({}, "test").timeouts,
      clock: systemClock,
      redact: (text) => text,
    });
    const { signal } = new AbortController();
    const ask = async () => {
      const request = { model: "m", messages: [], stream: true };
      let batches = 0;
      for await (const batch of await upstream.chat(request, { signal })) batches += batch.length;
      return batches > 0;
    };
    try {
      for (let round = 0; round < 2; round++) {
        const answered = await within("all", Promise.all(Array.from({ length: 5 }, ask)));
        assert.deepEqual(answered, [true, true, true, true, true]);
      }
    } finally {
      await transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe("a provider whose list is broken", () => {
  it("answers all the same: lists do not open its breaker", async () => {
    const server = createServer((message, response) => {
      message.resume();
      if (message.url === "/v1/models") response.writeHead(500).end("{}");
      else
        response.end(
          textChunks("Hello")
            .map((data) => `data: ${data}\n\n`)
            .join(""),
        );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const settings = { retry: QUICK };
    const bridge = await startBridge(`http://127.0.0.1:${port}/v1`, { settings });
    try {
      for (let round = 0; round < 3; round++) await bridge.catalog.refresh();
      const answer = await fetch(`${bridge.url}/api/chat`, chatWith("gpt-test"));
      assert.match(await answer.text(), /"done":true/);
    } finally {
      await bridge.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

describe("quirks in the settings", () => {
  it("are a provider's own, and a model's by glob above them", async () => {
    const provider = await startFakeProvider(undefined, { models: ["gpt-5-mini", "other"] });
    const providers = [
      {
        id: "local",
        baseUrl: provider.baseUrl,
        quirks: { refuses: ["seed"], seed: "seed" },
        modelQuirks: { "gpt-5*": { maxTokens: "max_completion_tokens", refuses: ["top_p"] } },
      },
    ];
    const bridge = await startBridge("", { settings: { providers } });
    try {
      const options = { num_predict: 5, seed: 1, top_p: 0.5 };
      const sent: object[] = [];
      for (const model of ["gpt-5-mini", "other"]) {
        await (await fetch(`${bridge.url}/api/chat`, chatWith(model, { options }))).text();
        const { max_tokens, max_completion_tokens, seed, top_p } = provider.requests.at(-1)
          ?.body as Record<string, unknown>;
        sent.push({ max_tokens, max_completion_tokens, seed, top_p });
      }
      assert.deepEqual(sent, [
        { max_tokens: undefined, max_completion_tokens: 5, seed: undefined, top_p: undefined },
        { max_tokens: 5, max_completion_tokens: undefined, seed: undefined, top_p: 0.5 },
      ]);
    } finally {
      await bridge.close();
      await provider.close();
    }
  });
});

describe("lists between two runs", () => {
  it("are kept in the state folder, and serve while the provider is down", async () => {
    const stateFolder = await mkdtemp(join(tmpdir(), "llama-bridge-"));
    const provider = await startFakeProvider(undefined, { models: ["kept"] });
    const first = await startBridge(provider.baseUrl, { stateFolder });
    await first.catalog.refresh();
    await eventually("the list is kept", () => existsSync(join(stateFolder, "lists.json")));
    await first.close();
    await provider.close();
    const second = await startBridge(provider.baseUrl, { stateFolder });
    try {
      const listed = await (await fetch(`${second.url}/api/tags`)).text();
      assert.match(listed, /"name":"kept:latest"/);
    } finally {
      await second.close();
    }
    const other = await startFakeProvider(undefined, { models: ["other"] });
    const third = await startBridge(other.baseUrl, { stateFolder });
    try {
      await third.catalog.refresh();
      const file = join(stateFolder, "lists.json");
      await eventually("the new list is kept", () => readFileSync(file, "utf8").includes("other"));
      assert.doesNotMatch(readFileSync(file, "utf8"), /kept/, "of no other provider anything");
    } finally {
      await third.close();
      await other.close();
      await rm(stateFolder, { recursive: true });
    }
  });
});
