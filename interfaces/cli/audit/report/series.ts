import { type Days, dayText, type StatsRow, sumOf } from "../../../../application/audit/stats.ts";

/** Some days in a row that are shown as one. */
export interface Span {
  /** The first day as `2026-03-01`. */
  readonly label: string;
  /** The span in full: one day, or its first and last. */
  readonly title: string;
}

/** One thing that is counted, span by span. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** What a chart and its table show. */
export interface Figure {
  readonly spans: readonly Span[];
  readonly series: readonly Series[];
}

/** Bars that can still be told apart. */
const maxSpans = 100;

/** Days in a span: days, weeks, and so on, as whole weeks even out what weekends do. */
const lengths = [1, 7, 28, 91, 364];

/** How many days are shown as one. */
export function spanLength({ since, until }: Days): number {
  const days = until - since + 1;
  return lengths.find((length) => days / length <= maxSpans) ?? 364 * Math.ceil(days / 364 / maxSpans);
}

/** The first may be shorter: the last, which is looked at first, is whole. */
function spansOf({ since, until }: Days): readonly Days[] {
  const length = spanLength({ since, until });
  const count = Math.ceil((until - since + 1) / length);
  return Array.from({ length: count }, (_, index) => {
    const last = until - (count - 1 - index) * length;
    return { since: Math.max(since, last - length + 1), until: last };
  });
}

const spanOf = ({ since, until }: Days): Span => ({
  label: dayText(since),
  title: since === until ? dayText(since) : `${dayText(since)} to ${dayText(until)}`,
});

/**
 * Adds up the rows of days by spans, days without any too.
 * @param named each series, by the count or group of counts that it shows
 */
export function figureOf(
  days: Days,
  daily: readonly StatsRow[],
  named: readonly (readonly [name: string, what: string])[],
): Figure {
  const spans = spansOf(days);
  const byDay = new Map(daily.map((row) => [row.name, row]));
  const sumIn = ({ since, until }: Days, what: string): number => {
    let sum = 0;
    for (let day = since; day <= until; day += 1)
      sum += sumOf(byDay.get(dayText(day)) ?? { counts: {} }, what);
    return sum;
  };
  return {
    spans: spans.map(spanOf),
    series: named.map(([name, what]) => ({
      name,
      values: spans.map((span) => sumIn(span, what)),
    })),
  };
}

/** What begins so, the most frequent first; what is beyond the limit is left to "all others". */
export function frequent(daily: readonly StatsRow[], beginning: string, limit: number): readonly string[] {
  const sums = new Map<string, number>();
  for (const { counts } of daily)
    for (const [what, count] of Object.entries(counts))
      if (what.startsWith(beginning)) sums.set(what, (sums.get(what) ?? 0) + count);
  return [...sums]
    .sort(([, one], [, other]) => other - one)
    .slice(0, limit)
    .map(([what]) => what);
}

/** A figure with one more series: what of `whole` its other series do not tell. */
export function withOthers(figure: Figure, whole: Series): Figure {
  const values = whole.values.map(
    (value, index) => value - figure.series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
  );
  return values.some((value) => value > 0)
    ? { ...figure, series: [...figure.series, { name: whole.name, values }] }
    : figure;
}
