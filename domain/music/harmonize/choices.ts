import type { Chord } from "./chord.ts";
import type { Span } from "./melody.ts";
import { portion } from "./portion.ts";
import { fitCost, outOfStyle, placeCost, progressionCost } from "./progression.ts";
import type { Style } from "./style.ts";
import { brokenTendency } from "./tendency.ts";

/** By span and chord. */
type Costs = readonly (readonly number[])[];

/** Spans between two reports of progress. */
const stride = 4;

/**
 * For every span the chords that fit, those of the cheapest progressions through the whole melody first.
 * Dynamic programming from both ends: time grows with spans × chords². Yields the fraction done.
 */
export function* chordChoices(
  spans: readonly Span[],
  chords: readonly Chord[],
  style: Style,
): Generator<number, Chord[][]> {
  const own: number[][] = [];
  for (const [index, span] of spans.entries()) {
    own.push(chords.map((chord) => fitCost(chord, span) + placeCost(style, chord, index, spans.length)));
    if (index % stride === 0) yield (index / spans.length) * 0.2;
  }
  const step = stepCost(spans, chords, style);
  const before = yield* portion(0.2, 0.5, costsBefore(own, step));
  const after = yield* portion(0.5, 0.8, costsAfter(own, step));
  const choices: Chord[][] = [];
  for (const [index, costs] of own.entries()) {
    const total = (at: number) => (before[index]?.[at] ?? 0) + (after[index]?.[at] ?? 0);
    const fitting = [...chords.keys()].filter((at) => Number.isFinite(costs[at]));
    fitting.sort((one, other) => total(one) - total(other) || one - other);
    choices.push(fitting.flatMap((at) => chords[at] ?? []));
    if (index % stride === 0) yield 0.8 + (index / spans.length) * 0.2;
  }
  return choices;
}

type Step = (index: number, from: number, to: number) => number;

/** What it costs to go to the span at `index`, with an obligation of the melody taken into account. */
function stepCost(spans: readonly Span[], chords: readonly Chord[], style: Style): Step {
  return (index, from, to) => {
    const [chord, next, before, span] = [chords[from], chords[to], spans[index - 1], spans[index]];
    if (!(chord && next && before && span)) return outOfStyle;
    const broken = brokenTendency(before.last, span.head, chord, next);
    return progressionCost(style, chord, next, span.beginsMeasure) + (broken ? 3 * outOfStyle : 0);
  };
}

/** The cheapest way from the beginning to each chord of each span, its own cost counted. */
function* costsBefore(own: Costs, step: Step): Generator<number, Costs> {
  const all: number[][] = [];
  for (const [index, costs] of own.entries()) {
    const before = all.at(-1);
    all.push(
      costs.map((cost, to) =>
        before ? cost + Math.min(...before.map((way, from) => way + step(index, from, to))) : cost,
      ),
    );
    if (index % stride === 0) yield index / own.length;
  }
  return all;
}

/** The cheapest way from each chord of each span to the end, its own cost not counted. */
function* costsAfter(own: Costs, step: Step): Generator<number, Costs> {
  const all: number[][] = own.map((costs) => costs.map(() => 0));
  for (let index = own.length - 2; index >= 0; index--) {
    const [next, after] = [own[index + 1] ?? [], all[index + 1] ?? []];
    all[index] = (own[index] ?? []).map((_, from) =>
      Math.min(...next.map((cost, to) => step(index + 1, from, to) + cost + (after[to] ?? 0))),
    );
    if (index % stride === 0) yield 1 - index / own.length;
  }
  return all;
}
