import type { Plan } from "./plan.ts";
import { median } from "./statistics.ts";

/** Works for so many seconds and answers a rate or another figure. */
export type Measure = (seconds: number) => Promise<number>;

/** A line of the report: a figure, and where there is something to hold it against, the ratio to that. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly baseline?: number;
  /** The median of the rounds' ratios. */
  readonly ratio?: number;
  readonly ratioRange?: readonly [lowest: number, highest: number];
}

/**
 * Measures ours and the baseline in turn (A B A B …), so that what else the machine does meets both alike. Figures are
 * medians; each ratio is of two neighbouring rounds.
 */
export async function compare(
  { name, unit }: Pick<Row, "name" | "unit">,
  { rounds, seconds, warmUpSeconds }: Plan,
  ours: Measure,
  baseline: Measure,
): Promise<Row> {
  await ours(warmUpSeconds);
  await baseline(warmUpSeconds);
  const pairs: { ours: number; baseline: number }[] = [];
  for (let round = 0; round < rounds; round += 1)
    pairs.push({ ours: await ours(seconds), baseline: await baseline(seconds) });
  const ratios = pairs.map((pair) => pair.ours / pair.baseline);
  return {
    name,
    unit,
    value: median(pairs.map((pair) => pair.ours)),
    baseline: median(pairs.map((pair) => pair.baseline)),
    ratio: median(ratios),
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
  };
}
