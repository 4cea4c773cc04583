/** Half of the values are below; NaN of none. */
export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** Linear between the two neighbours. */
function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position % 1);
}

export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** The median, with the middle half of the values round it. */
function spread(values: number[]): Spread {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/**
 * Compares round by round: the values of one round were measured within seconds of each other, so that
 * a machine which is slow for a while is slow for both.
 */
export function compareRounds(
  ours: number[],
  theirs: number[],
  compare: (our: number, their: number) => number,
): Spread {
  return spread(ours.map((our, round) => compare(our, theirs[round] ?? NaN)));
}
