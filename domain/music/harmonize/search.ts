import type { Chord } from "./chord.ts";
import type { Span } from "./melody.ts";
import { fitCost, placeCost, progressionCost } from "./progression.ts";
import type { Style } from "./style.ts";
import { moveCost } from "./voice-moves.ts";
import { type Voicing, voicings } from "./voicings.ts";

export interface Effort {
  /** Chords that are tried for each span. */
  readonly chords: number;
  /** Ways that are kept after each span. */
  readonly beam: number;
  /** Whether wide spacing and an unresolved melody are better than no solution. */
  readonly relaxed: boolean;
}

/** The voicings, or the index of the span that no way leads to. */
export type Outcome = { readonly voicings: readonly Voicing[] } | { readonly failedAt: number };

interface Way {
  readonly voicing: Voicing;
  readonly cost: number;
  readonly before: Way | undefined;
}

/** Voices the spans by beam search over chords and voicings together. Yields the fraction done. */
export function* searchVoicings(
  spans: readonly Span[],
  choices: readonly (readonly Chord[])[],
  style: Style,
  effort: Effort,
): Generator<number, Outcome> {
  const candidates = candidateSource(effort.relaxed);
  let ways: Way[] = [];
  let previous: Span | undefined;
  for (const [index, span] of spans.entries()) {
    const fromStart = previous === undefined;
    const step = previous ? stepCost(previous, span, style, effort) : () => 0;
    const next: Way[] = [];
    for (const chord of (choices[index] ?? []).slice(0, effort.chords)) {
      const chordCost = fitCost(chord, span) + placeCost(style, chord, index, spans.length);
      for (const voicing of candidates(chord, span, fromStart || index === spans.length - 1)) {
        const cost = chordCost + voicing.cost + (index === spans.length - 2 ? 2 * voicing.inversion : 0);
        const way = fromStart ? { voicing, cost, before: undefined } : cheapest(ways, voicing, cost, step);
        if (way) next.push(way);
      }
      yield index / spans.length;
    }
    if (next.length === 0) return { failedAt: index };
    ways = prune(next, effort.beam);
    previous = span;
  }
  return { voicings: unwind(ways[0]) };
}

/** The voicings of a chord under a span, made once for all spans that look the same. */
function candidateSource(wide: boolean) {
  const known = new Map<string, readonly Voicing[]>();
  return (chord: Chord, span: Span, rootPosition: boolean): readonly Voicing[] => {
    const inversions = rootPosition ? [0] : chord.inversions;
    const key = [chord.numeral, chord.of, chord.quality, inversions, span.head, span.low, span.high].join(
      " ",
    );
    const found = known.get(key) ?? voicings(chord, span, inversions, wide);
    known.set(key, found);
    return found;
  };
}

type Step = (from: Voicing, to: Voicing) => number;

function stepCost(before: Span, span: Span, style: Style, { relaxed }: Effort): Step {
  const rules = { allowsParallels: style.allowsParallels, freeMelody: relaxed };
  return (from, to) =>
    progressionCost(style, from.chord, to.chord, span.beginsMeasure) + moveCost(from, to, before, rules);
}

function cheapest(ways: readonly Way[], voicing: Voicing, own: number, step: Step): Way | undefined {
  let best: Way | undefined;
  for (const before of ways) {
    // The ways come by cost and a step costs at least nothing.
    if (best && before.cost + own >= best.cost) break;
    const cost = before.cost + own + step(before.voicing, voicing);
    if (cost < (best?.cost ?? Number.POSITIVE_INFINITY)) best = { voicing, cost, before };
  }
  return best;
}

/** The best ways, by cost; no chord takes more than half of the places. */
function prune(ways: Way[], size: number): Way[] {
  const kept: Way[] = [];
  const counts = new Map<Chord, number>();
  for (const way of ways.sort((one, other) => one.cost - other.cost)) {
    const count = counts.get(way.voicing.chord) ?? 0;
    if (count >= size / 2) continue;
    counts.set(way.voicing.chord, count + 1);
    kept.push(way);
    if (kept.length === size) break;
  }
  return kept;
}

function unwind(last: Way | undefined): Voicing[] {
  const path: Voicing[] = [];
  for (let way = last; way; way = way.before) path.push(way.voicing);
  return path.reverse();
}
