import { portion } from "./harmonize/portion.ts";
import { setBasses } from "./harmony/basses.ts";
import { findCadences } from "./harmony/cadences.ts";
import { chordTypes } from "./harmony/chord-types.ts";
import { functionOf, type HarmonicFunction } from "./harmony/function.ts";
import { impliedDominants } from "./harmony/implied.ts";
import { chordPath } from "./harmony/path.ts";
import { chordName, romanNumeral } from "./harmony/roman.ts";
import { soundingNotes } from "./harmony/sounding.ts";
import { type ChordSpan, spansOf } from "./harmony/spans.ts";
import { windowsOf } from "./harmony/windows.ts";
import { type Key, keyName, keyOf } from "./key.ts";
import type { Score } from "./score.ts";
import { nameOf } from "./spelling.ts";
import { quarters, rounded } from "./timeline.ts";

interface AnalyzedChord {
  /** With its bass, such as `G7/B`. */
  readonly chord: string;
  readonly root: string;
  readonly quality: string;
  readonly inversion: number;
  readonly roman_numeral: string;
  readonly key: string;
  /** As printed. */
  readonly measure: string;
  /** Quarters from the beginning of the measure. */
  readonly offset: number;
}

interface HarmonyAnalysis {
  readonly status: "success";
  readonly key: string;
  readonly roman_numerals: readonly AnalyzedChord[];
  readonly chord_progressions: readonly { readonly measure: string; readonly progression: string }[];
  readonly cadences: readonly {
    readonly type: string;
    readonly measure: string;
    readonly progression: string;
  }[];
  readonly functional_analysis: readonly { readonly measure: string; readonly function: HarmonicFunction }[];
  readonly harmonic_rhythm: {
    /** The mean over the measures in which something sounds. */
    readonly chords_per_measure: number;
    readonly changes: readonly { readonly measure: string; readonly chords: number }[];
  };
  readonly chord_count: number;
}

interface Reading {
  readonly measureIndex: number;
  readonly function: HarmonicFunction;
  readonly chord: AnalyzedChord;
}

const spansPerTurn = 200;

/**
 * The chords of a score and their roman numerals in its one key; brief departures are read as secondary dominants. A
 * chord is named again at the beginning of each measure. Where the texture is thin, the chord is the one that the notes
 * of a beat imply. Yields the fraction done.
 * @throws {Declined} for a score without notes.
 */
export function* analyzeHarmony(score: Score): Generator<number, HarmonyAnalysis> {
  const key = keyOf(score);
  const notes = yield* portion(0, 0.1, soundingNotes(score));
  const windows = yield* portion(0.1, 0.2, windowsOf(score, notes));
  yield* portion(0.2, 0.25, setBasses(windows, notes));
  const path = yield* portion(0.25, 0.9, chordPath(windows, key));
  const spans = spansOf(windows, impliedDominants(windows, path, key), key);
  yield 0.9;
  const readings = yield* portion(0.9, 1, readingsOf(score, spans, key));
  const measures = byMeasure(readings);
  return {
    status: "success",
    key: keyName(key),
    roman_numerals: readings.map(({ chord }) => chord),
    chord_progressions: measures.map(({ measure, inside }) => ({
      measure,
      progression: compacted(inside.map(({ chord }) => chord.roman_numeral)).join("-"),
    })),
    cadences: cadencesOf(score, spans, readings, key),
    functional_analysis: measures.flatMap(({ measure, inside }) =>
      compacted(inside.map((reading) => reading.function)).map((name) => ({ measure, function: name })),
    ),
    harmonic_rhythm: {
      chords_per_measure: rounded(readings.length / measures.length),
      changes: measures.map(({ measure, inside }) => ({ measure, chords: inside.length })),
    },
    chord_count: readings.length,
  };
}

function* readingsOf(
  score: Score,
  spans: readonly ChordSpan[],
  key: Key,
): Generator<number, readonly Reading[]> {
  const nexts = nextChords(spans);
  const readings: Reading[] = [];
  for (const [index, span] of spans.entries()) {
    const measure = score.measures[span.measure];
    readings.push({
      measureIndex: span.measure,
      function: functionOf(span, nexts[index], key),
      chord: {
        chord: chordName(span),
        root: nameOf(span.root),
        quality: chordTypes[span.kind].quality,
        inversion: span.inversion,
        roman_numeral: romanNumeral(span, nexts[index], key),
        key: keyName(key),
        measure: measure?.number ?? "1",
        offset: quarters(span.start - (measure?.onset ?? 0)),
      },
    });
    if (index % spansPerTurn === 0) yield index / spans.length;
  }
  return readings;
}

/** For each chord the next one on another root. */
function nextChords(spans: readonly ChordSpan[]): readonly (ChordSpan | undefined)[] {
  const nexts: (ChordSpan | undefined)[] = [];
  let next: ChordSpan | undefined;
  spans.toReversed().forEach((span, index, reversed) => {
    const after = reversed[index - 1];
    if (after && after.root !== span.root) next = after;
    nexts.push(next);
  });
  return nexts.toReversed();
}

const byMeasure = (readings: readonly Reading[]) =>
  [...Map.groupBy(readings, ({ measureIndex }) => measureIndex).values()].map((inside) => ({
    measure: inside[0]?.chord.measure ?? "",
    inside,
  }));

function cadencesOf(score: Score, spans: readonly ChordSpan[], readings: readonly Reading[], key: Key) {
  return findCadences(score, spans, key).map(({ type, index }) => ({
    type,
    measure: readings[index]?.chord.measure ?? "",
    progression: [readings[index - 1], readings[index]]
      .map((reading) => reading?.chord.roman_numeral)
      .join("-"),
  }));
}

const compacted = <T>(values: readonly T[]): readonly T[] =>
  values.filter((value, index) => index === 0 || value !== values[index - 1]);
