import { Note } from "tonal";
import { Declined, type Score } from "../score.ts";
import { chordChoices } from "./choices.ts";
import { type Chord, chordIn, chordName, romanNumeral } from "./chord.ts";
import { classical } from "./classical.ts";
import { explain } from "./explain.ts";
import { jazz } from "./jazz.ts";
import { melodyOf, type Span, spansOf } from "./melody.ts";
import { modal } from "./modal.ts";
import { fourParts } from "./parts.ts";
import { pop } from "./pop.ts";
import { portion } from "./portion.ts";
import { judge, type VoiceLeadingQuality } from "./quality.ts";
import { type Effort, searchVoicings } from "./search.ts";
import type { Style } from "./style.ts";
import type { Voicing } from "./voicings.ts";

const styles = { classical, jazz, pop, modal } as const satisfies Record<string, Style>;

export interface HarmonizeOptions {
  readonly style: keyof typeof styles;
  readonly voice_parts: number;
  readonly include_explanations: boolean;
  /** The tonic as a note name without octave. */
  readonly key: { readonly tonic: string; readonly mode: "major" | "minor" };
}

export interface Harmonization {
  readonly status: "success";
  readonly style: HarmonizeOptions["style"];
  /** Parts Soprano, Alto, Tenor, Bass. */
  readonly score: Score;
  readonly chord_progression: readonly { readonly chord: string; readonly measure: string }[];
  /** One for each chord. */
  readonly roman_numerals: readonly string[];
  readonly voice_leading_quality: VoiceLeadingQuality;
  /** Empty where they were not asked for. */
  readonly explanations: readonly string[];
}

/** The fractions of the work at which the search for voices begins and ends. */
const [searching, judging] = [0.15, 0.9];

/** Ever more work, and at last fewer rules. */
const efforts: readonly Effort[] = [
  { chords: 5, beam: 60, relaxed: false },
  { chords: 20, beam: 160, relaxed: false },
  { chords: 20, beam: 160, relaxed: true },
];

/**
 * Writes three voices under the melody of the first part. Yields the fraction done.
 * @throws Declined where the melody cannot be harmonized in this style, or for other than 4 voices.
 */
export function* harmonizeMelody(score: Score, options: HarmonizeOptions): Generator<number, Harmonization> {
  const { style, key, voice_parts } = options;
  if (voice_parts !== 4) throw new Declined(`voice_parts ${voice_parts} is not there; 4 is.`);
  const melody = melodyOf(score);
  const spans = spansOf(score, melody);
  const tonic = Note.chroma(key.tonic) ?? 0;
  const degrees = new Set(spans.flatMap(({ pitches }) => pitches.map((pitch) => (pitch - tonic + 12) % 12)));
  const chords = styles[style].chords(key.mode, degrees).map((type) => chordIn(key.tonic, type));
  requireChords(spans, chords, style);
  const voicings = yield* voice(spans, chords, style);
  const harmonized = { ...score, parts: fourParts(melody, spans, voicings) };
  const quality = yield* portion(judging, 1, judge(harmonized, spans, voicings));
  return {
    status: "success",
    style,
    score: harmonized,
    chord_progression: voicings.map(({ chord, inversion }, index) => ({
      chord: chordName(chord, inversion),
      measure: spans[index]?.measure ?? "",
    })),
    roman_numerals: voicings.map(({ chord, inversion }) => romanNumeral(chord, inversion)),
    voice_leading_quality: quality,
    explanations: options.include_explanations
      ? explain(style, key, spans, voicings, quality.violations)
      : [],
  };
}

function requireChords(spans: readonly Span[], chords: readonly Chord[], style: string): void {
  const tones = new Set(chords.flatMap(({ chromas }) => chromas));
  const span = spans.find(({ head }) => !tones.has(head % 12));
  if (!span) return;
  throw new Declined(
    `No chord of the style '${style}' holds the ${span.notes[0]?.pitch} of measure ${span.measure}.`,
  );
}

function* voice(
  spans: readonly Span[],
  chords: readonly Chord[],
  style: HarmonizeOptions["style"],
): Generator<number, readonly Voicing[]> {
  const choices = yield* portion(0, searching, chordChoices(spans, chords, styles[style]));
  let [start, failedAt] = [searching, 0];
  for (const effort of efforts) {
    const middle = (start + judging) / 2;
    const outcome = yield* portion(start, middle, searchVoicings(spans, choices, styles[style], effort));
    if ("voicings" in outcome) return outcome.voicings;
    start = middle;
    failedAt = Math.max(failedAt, outcome.failedAt);
  }
  throw new Declined(
    `The melody cannot be harmonized in the style '${style}': the voices find no way into measure ${spans[failedAt]?.measure}.`,
  );
}
