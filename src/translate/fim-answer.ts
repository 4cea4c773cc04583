import type { Hole } from "./fim-templates.ts";
export interface HoleFilter { push(text: string): string; end(): string; readonly isDone: boolean }
export function createHoleFilter(_hole: Hole, _options: { stops: string[] }): HoleFilter { return { push: (text) => text, end: () => "", isDone: false }; }
