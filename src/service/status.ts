import type { Snapshot } from "../server/meters.ts";
import type { BreakerState } from "../upstream/breaker.ts";
import type { Provider } from "./providers.ts";

/** The answer of `/bridge/status`. Times are milliseconds, sizes bytes, costs US dollars. */
export interface Status extends Omit<Snapshot, "startedAt"> {
  /** RFC 3339. */
  startedAt: string;
  memory: { rss: number; heapUsed: number };
  providers: ProviderStatus[];
}

interface ProviderStatus {
  id: string;
  /** Absent for the demo model. */
  origin?: string;
  preset?: string;
  breaker: BreakerState;
  running: number;
  waiting: number;
}

export function toStatus({
  meters,
  providers,
}: {
  meters: Snapshot;
  providers: readonly Provider[];
}): Status {
  const { rss, heapUsed } = process.memoryUsage();
  const { startedAt, ...totals } = meters;
  return {
    startedAt: new Date(startedAt).toISOString(),
    memory: { rss, heapUsed },
    providers: providers.map(({ upstream, baseUrl, settings }) => ({
      id: upstream.id,
      ...(baseUrl && { origin: baseUrl.origin }),
      ...(settings?.preset && { preset: settings.preset }),
      breaker: upstream.breaker,
      ...upstream.load,
    })),
    ...totals,
  };
}
