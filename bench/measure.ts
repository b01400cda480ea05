import type { Plan } from "./plan.ts";
import { median } from "./statistics.ts";

/** What was measured in one round: a rate or another figure, and what it cost where that is known. */
export interface Figures {
  readonly value: number;
  /** How long an answer took, ms: half of them, and 99 of 100. */
  readonly p50?: number;
  readonly p99?: number;
  /** Seconds of the processors that the server took for 1,000 of what is counted. */
  readonly cpu?: number;
  /** MiB that the server held at the end. */
  readonly memory?: number;
}

/** Works for so many seconds. */
export type Measure = (seconds: number) => Promise<Figures>;

/** A line of the report: figures, and where there is something to hold them against, the ratio to that. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: Figures;
  readonly baseline?: Figures;
  /** The median of the rounds' ratios. */
  readonly ratio?: number;
  readonly ratioRange?: readonly [lowest: number, highest: number];
  /** What was aimed at, and whether it was reached. */
  readonly goal?: Goal;
}

/** Of the ratio, or of the figure where the text names its unit. */
export interface Goal {
  readonly text: string;
  readonly isReached: boolean;
}

export const atLeast = (value: number, goal: number): Goal => ({
  text: `≥ ${goal}`,
  isReached: value >= goal,
});

export const atMost = (value: number, goal: number, unit = ""): Goal => ({
  text: `≤ ${goal}${unit}`,
  isReached: value <= goal,
});

type Head = Pick<Row, "name" | "unit"> & {
  /** What the ratio is to be at least. */
  readonly goal?: number;
};

function medianOf(rounds: readonly Figures[], name: keyof Figures): number | undefined {
  const values = rounds.map((round) => round[name]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

/** The median of each figure. */
export function medians(rounds: readonly Figures[]): Figures {
  const rest = (["p50", "p99", "cpu", "memory"] as const)
    .map((name) => [name, medianOf(rounds, name)] as const)
    .filter(([, value]) => value !== undefined);
  return { value: median(rounds.map(({ value }) => value)), ...Object.fromEntries(rest) };
}

/**
 * Measures ours and the baseline in turn (A B B A …), so that what else the machine does meets both alike. Figures are
 * medians; each ratio is of two neighbouring rounds.
 */
export async function compare(
  { goal, ...head }: Head,
  { rounds, seconds, warmUpSeconds }: Plan,
  ours: Measure,
  baseline: Measure,
): Promise<Row> {
  await ours(warmUpSeconds);
  await baseline(warmUpSeconds);
  const pairs: { ours: Figures; baseline: Figures }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isOursFirst = round % 2 === 0;
    const first = await (isOursFirst ? ours : baseline)(seconds);
    const second = await (isOursFirst ? baseline : ours)(seconds);
    pairs.push(isOursFirst ? { ours: first, baseline: second } : { ours: second, baseline: first });
  }
  const ratios = pairs.map((pair) => pair.ours.value / pair.baseline.value);
  const ratio = median(ratios);
  return {
    ...head,
    ours: medians(pairs.map((pair) => pair.ours)),
    baseline: medians(pairs.map((pair) => pair.baseline)),
    ratio,
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
    ...(goal === undefined ? {} : { goal: atLeast(ratio, goal) }),
  };
}
