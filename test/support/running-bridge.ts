import { systemClock } from "../../src/base/clock.ts";
import { openBridge, type Bridge } from "../../src/service/bridge.ts";
import { toMetrics } from "../../src/service/prometheus.ts";
import { parseSettings } from "../../src/service/settings.ts";
import { createTestLog, type LoggedLine } from "./log.ts";

export interface RunningBridge extends Bridge {
  log: { lines: LoggedLine[] };
}

/** A bridge in this process, on a free port and in front of one provider called "local". */
export async function startBridge(
  baseUrl: string,
  {
    settings = {},
    key,
    accessToken,
    stateFolder,
  }: { settings?: object; key?: string; accessToken?: string; stateFolder?: string } = {},
): Promise<RunningBridge> {
  const log = createTestLog();
  // Whoever tests what a failure looks like does not want to wait for a second one.
  const retry = { attempts: 1 };
  const tree = { port: 0, providers: [{ id: "local", baseUrl }], retry, ...settings };
  const bridge = await openBridge({
    settings: parseSettings(tree, "test"),
    apiKey: () => Promise.resolve(key),
    accessToken,
    stateFolder,
    toMetrics,
    redact: (text) => text,
    clock: systemClock,
    log,
  });
  return { ...bridge, log };
}

/** `POST /api/chat` in a stream. */
export function askChat(url: string, signal?: AbortSignal): Promise<Response> {
  const messages = [{ role: "user", content: "Hi" }];
  return fetch(`${url}/api/chat`, {
    method: "POST",
    body: JSON.stringify({ model: "gpt-test", messages }),
    ...(signal && { signal }),
  });
}
