/** The value below which this part (0 to 1) of the values lies. @throws {RangeError} without values */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  if (value === undefined) throw new RangeError("nothing was measured");
  return value;
}

/** The middle value, of an even number the mean of the two. */
export const median = (values: readonly number[]): number =>
  (quantile(values, 0.5) + quantile(values, 0.5 - 0.5 / values.length)) / 2;
