import { Counter, Gauge, Registry } from "prom-client";
import type { ModelTotals, Snapshot, Totals } from "../server/meters.ts";

/** The meters in Prometheus' text format 0.0.4. */
export async function toMetrics({ startedAt, sinceStart, models }: Snapshot): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ["provider", "model"] as const;
  const counter = (name: string, help: string, read: (totals: Totals) => number) => {
    const metric = new Counter({ name: `llama_bridge_${name}`, help, labelNames, registers });
    for (const { provider, model, sinceStart: totals } of models) {
      metric.inc({ provider, model }, read(totals));
    }
  };
  const gauge = (name: string, help: string, value: number) => {
    new Gauge({ name: `llama_bridge_${name}`, help, registers }).set(value);
  };

  gauge("start_time_seconds", "When the bridge started, in seconds since 1970.", startedAt / 1000);
  gauge("resident_memory_bytes", "Memory of the process.", process.memoryUsage().rss);
  new Counter({
    name: "llama_bridge_http_requests_total",
    help: "Requests from clients, those without a model included.",
    registers,
  }).inc(sinceStart.requests);
  counter("requests_total", "Requests for a model.", ({ requests }) => requests);
  counter("prompt_tokens_total", "Tokens of prompts.", ({ promptTokens }) => promptTokens);
  counter("completion_tokens_total", "Tokens of answers.", (one) => one.completionTokens);
  counter(
    "cached_tokens_total",
    "Tokens of prompts that the provider had cached.",
    (one) => one.cachedTokens,
  );
  counter("cache_hits_total", "Answers from the bridge's cache.", ({ cacheHits }) => cacheHits);
  counter("cost_dollars_total", "US dollars, where prices are published.", ({ cost }) => cost);
  countErrors(models, registry);
  return await registry.metrics();
}

function countErrors(models: readonly ModelTotals[], registry: Registry): void {
  const metric = new Counter({
    name: "llama_bridge_errors_total",
    help: "Requests that failed, by kind.",
    labelNames: ["provider", "model", "kind"],
    registers: [registry],
  });
  for (const { provider, model, sinceStart } of models) {
    for (const [kind, count] of Object.entries(sinceStart.errors)) {
      metric.inc({ provider, model, kind }, count);
    }
  }
}
