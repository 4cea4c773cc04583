import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { eventually, within } from "../support/deadline.ts";
import { HELLO, post, readLines, textOf, type Line } from "../support/ollama-client.ts";
import { startBridge, type RunningBridge } from "../support/running-bridge.ts";
import {
  event,
  startWatchedProvider,
  textEvent,
  type WatchedProvider,
} from "../support/watched-provider.ts";

interface Breaking {
  name: string;
  /** What the provider does once the client has the first word. */
  then: (response: ServerResponse) => void;
  /** The last line's error. */
  error: RegExp;
  /** What follows the first word. */
  text?: string;
}

const FAULTS: Breaking[] = [
  {
    name: "a reset connection",
    then: (response) => response.socket?.resetAndDestroy(),
    error: /^local: it closed the connection\.$/,
  },
  {
    name: "a closed connection",
    then: (response) => response.socket?.destroy(),
    error: /^local: it closed the connection\.$/,
  },
  {
    name: "a chunk that is none",
    then: (response) => response.socket?.write("no hexadecimal length\r\n"),
    error: /^local: the connection failed/,
  },
  {
    name: "a clean end without a reason",
    then: (response) => response.end(),
    error: /^local: the provider closed the stream in the middle of the answer$/,
  },
  {
    name: "an event cut in two by the end",
    then: (response) => response.end('data: {"choices":[{"del'),
    error: /^local: an event is not JSON/,
  },
  {
    name: "an error event",
    then: (response) => {
      response.write(textEvent(" there") + event({ error: { message: "overloaded", code: 503 } }));
    },
    text: " there",
    error: /^local: overloaded$/,
  },
  {
    name: "a named error event",
    then: (response) => response.write(`event: error\n${event({ message: "compute error" })}`),
    error: /^local: compute error$/,
  },
  {
    name: "an error as its finish reason",
    then: (response) => {
      response.end(event({ choices: [{ delta: {}, finish_reason: "network_error" }] }));
    },
    error: /^local: the provider stopped the answer: network_error$/,
  },
  {
    name: "a web page in the middle",
    then: (response) => response.end("data: <html>502</html>\n\n"),
    error: /^local: an event is not JSON: <html>502<\/html>\.$/,
  },
  {
    name: "a line without an end",
    then: (response) => {
      const piece = "x".repeat(1024 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on("drain", more);
      response.write("data: ");
      more();
    },
    error: /^local: an event is longer than \d+ characters\.$/,
  },
];

describe("A stream that breaks after its first word", () => {
  let provider: WatchedProvider;
  let bridge: RunningBridge;
  let streaming: ServerResponse | undefined;

  beforeEach(async () => {
    provider = await startWatchedProvider((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(textEvent("Hello"));
      streaming = response;
    });
    bridge = await startBridge(provider.baseUrl);
  });

  afterEach(async () => {
    await bridge.close();
    await provider.close();
  });

  for (const { name, then, error, text = "" } of FAULTS) {
    it(`ends with one error line and without done for ${name}`, async () => {
      const lines = readLines(await post(`${bridge.url}/api/chat`, HELLO));
      const first = await within("the first word comes", lines.next());
      assert.ok(!first.done && streaming);
      assert.equal(first.value.message?.content, "Hello");
      then(streaming);

      const rest: Line[] = [];
      for (let line = await within("a line", lines.next()); !line.done; line = await lines.next()) {
        rest.push(line.value);
      }
      const last = rest.pop();
      assert.deepEqual(Object.keys(last ?? {}), ["error"]);
      assert.match(last?.error ?? "", error);
      assert.equal(textOf(rest), text);
      assert.ok(rest.every(({ done }) => done === false));

      await eventually("no call stays open at the provider", () => provider.openChats === 0);
      assert.equal((await fetch(`${bridge.url}/api/version`)).status, 200);
      const told = bridge.log.lines.filter(({ level }) => level === "error");
      assert.deepEqual(
        told.map(({ message, facts }) => [message, facts["status"]]),
        [["request failed", 200]],
      );
    });
  }
});
