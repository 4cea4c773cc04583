export interface Hole { template: string; prefix: string; suffix: string; context: { path?: string; text: string }[] }
export function findHole(prompt: string, suffix?: string | null): Hole | undefined {
  return suffix ? { template: "suffix", prefix: prompt, suffix, context: [] } : undefined;
}
export function withoutSentinels(stops: string[], _hole: Hole): string[] { return stops; }
