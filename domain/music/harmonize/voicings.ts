import { fourVoiceRanges, type Range, widestSpacing } from "../voice-leading.ts";
import type { Chord } from "./chord.ts";
import type { Span } from "./melody.ts";

/** A chord as four voices sing it. */
export interface Voicing {
  readonly chord: Chord;
  /** Index of the chord tone in the bass. */
  readonly inversion: number;
  /** MIDI numbers from soprano to bass. */
  readonly pitches: readonly [soprano: number, alto: number, tenor: number, bass: number];
  /** Of doublings, inversion and spacing. */
  readonly cost: number;
}

const beyondSpacing = 12;
const inversionCosts = [0, 0.5, 1.2, 0.8];

/**
 * All ways to sing the chord under the span: in range, without crossings, with every tone that matters.
 * With `wide` the upper voices may be further apart than an octave, at a cost.
 */
export function voicings(chord: Chord, span: Span, inversions: readonly number[], wide: boolean): Voicing[] {
  const reach = wide ? 2 * widestSpacing : widestSpacing;
  return inversions.flatMap((inversion) => {
    const bassTone = chord.chromas.slice(inversion, inversion + 1);
    return [...below(chord.chromas, bassTone, span, reach)].flatMap((pitches) => {
      const voicing = doublingCost(chord, inversion, pitches) + spacingCost(pitches, span.high);
      const cost = voicing + (inversionCosts[inversion] ?? 1);
      return Number.isFinite(cost) ? [{ chord, inversion, pitches, cost }] : [];
    });
  });
}

const [, altoRange = [0, 0], tenorRange = [0, 0], bassRange = [0, 0]] = fourVoiceRanges;

function* below(
  tones: readonly number[],
  bassTone: readonly number[],
  { head, low, high }: Span,
  reach: number,
): Generator<Voicing["pitches"]> {
  for (const alto of pitchesOf(tones, altoRange, high - reach, low)) {
    for (const tenor of pitchesOf(tones, tenorRange, alto - reach, alto)) {
      for (const bass of pitchesOf(bassTone, bassRange, 0, tenor)) yield [head, alto, tenor, bass];
    }
  }
}

function pitchesOf(chromas: readonly number[], [low, high]: Range, from: number, to: number): number[] {
  const pitches = [];
  for (let pitch = Math.max(low, from); pitch <= Math.min(high, to); pitch++) {
    if (chromas.includes(pitch % 12)) pitches.push(pitch);
  }
  return pitches;
}

/** Tones with an obligation are never doubled; of the others the fifth alone may be left out. */
function doublingCost(chord: Chord, inversion: number, pitches: readonly number[]): number {
  const counts = chord.chromas.map((chroma) => pitches.filter((pitch) => pitch % 12 === chroma).length);
  const [roots = 0, thirds = 0, fifths = 0, sevenths = 1] = counts;
  if (roots === 0 || thirds === 0 || sevenths === 0) return Number.POSITIVE_INFINITY;
  if (fifths === 0 && (inversion !== 0 || chord.quality === "dim")) return Number.POSITIVE_INFINITY;
  if (chord.chromas.some((tone, at) => (counts[at] ?? 0) > 1 && hasObligation(chord, tone))) {
    return Number.POSITIVE_INFINITY;
  }
  const fifthDoubled = chord.quality === "dim" ? 2 : 0.6;
  const thirdDoubled = chord.quality === "dim" ? 0 : chord.quality === "m" || inversion === 1 ? 0.7 : 1.5;
  return (
    (fifths === 0 ? 1 : 0) +
    Math.max(0, fifths - 1) * fifthDoubled +
    Math.max(0, thirds - 1) * thirdDoubled +
    Math.max(0, sevenths - 1) * 2
  );
}

function hasObligation(chord: Chord, chroma: number): boolean {
  return chroma === chord.leadingTone || chroma === chord.seventh;
}

function spacingCost([soprano, alto, tenor, bass]: Voicing["pitches"], highest: number): number {
  const wide = [highest - alto, alto - tenor].filter((gap) => gap > widestSpacing).length;
  const unisons = [soprano - alto, alto - tenor, tenor - bass].filter((gap) => gap === 0).length;
  return wide * beyondSpacing + unisons * 0.8 + Math.max(0, tenor - bass - 16) * 0.1;
}
