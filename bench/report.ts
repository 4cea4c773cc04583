import type { ContenderName } from "./contenders.ts";
import type { Measure } from "./measures.ts";
import type { Rounds } from "./rounds.ts";
import { compareRounds, median, type Spread } from "./statistics.ts";

export interface Result {
  title: string;
  unit: string;
  compare: Measure["compare"];
  medians: Partial<Record<ContenderName, number>>;
  versusPipe: Spread;
  versusSplitPipe: Spread | undefined;
  goal: Measure["goal"];
  met: boolean | undefined;
  rounds: Rounds;
}

export function toResult({ title, unit, compare, goal }: Measure, rounds: Rounds): Result {
  const versus = (name: ContenderName) =>
    compareRounds(rounds.bridge ?? [], rounds[name] ?? [], COMPARISONS[compare]);
  const versusPipe = versus("pipe");
  return {
    title,
    unit,
    compare,
    medians: Object.fromEntries(
      Object.entries(rounds).map(([name, values]) => [name, median(values)]),
    ),
    versusPipe,
    versusSplitPipe: rounds["split pipe"] && versus("split pipe"),
    goal,
    met: goal && isMet(goal, versusPipe.median),
    rounds,
  };
}

const HEADINGS = [
  ...["", "pipe", "split pipe", "bridge", "bridge to pipe", "middle half"],
  ...["to split pipe", "goal", ""],
];

/** A plain table; the comparisons are medians over rounds, not quotients of the medians before them. */
export function toTable(results: Result[]): string {
  const rows = [HEADINGS, ...results.map(toRow)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const toLine = (row: string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return rows.map(toLine).join("\n");
}

const COMPARISONS = {
  ratio: (our: number, their: number) => our / their,
  difference: (our: number, their: number) => our - their,
};

function isMet(goal: NonNullable<Measure["goal"]>, value: number): boolean {
  return "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
}

function toRow(result: Result): string[] {
  const { title, unit, medians, versusPipe, versusSplitPipe, goal, met } = result;
  const show = (value: number) => toComparison(value, result);
  const value = (name: ContenderName) => {
    const number = medians[name];
    return number === undefined ? "" : `${round(number)} ${unit}`;
  };
  return [
    title,
    value("pipe"),
    value("split pipe"),
    value("bridge"),
    show(versusPipe.median),
    `${show(versusPipe.low)} .. ${show(versusPipe.high)}`,
    versusSplitPipe ? show(versusSplitPipe.median) : "",
    goal ? ("atMost" in goal ? `<= ${show(goal.atMost)}` : `>= ${show(goal.atLeast)}`) : "",
    met === undefined ? "" : met ? "met" : "missed",
  ];
}

function toComparison(value: number, { compare, unit }: Result): string {
  if (compare === "ratio") return `${value.toFixed(2)}x`;
  return `${value < 0 ? "" : "+"}${round(value)} ${unit}`;
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
