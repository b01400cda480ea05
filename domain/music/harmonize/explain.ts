import { chordName, romanNumeral } from "./chord.ts";
import type { Span } from "./melody.ts";
import type { Violation } from "./quality.ts";
import type { Voicing } from "./voicings.ts";

const ideas = {
  classical: "functional harmony, in which subdominants lead to dominants and dominants to the tonic",
  jazz: "seventh and sixth chords, whose roots fall in fifths where the melody lets them",
  pop: "triads in root position around I, V, vi and IV, or i, VI, III and VII in minor",
  modal: "triads of the mode, without a dominant that has a leading tone",
} as const;

const rules: Readonly<Record<Violation["rule"], string>> = {
  parallel_fifths: "parallel fifths",
  parallel_octaves: "parallel octaves",
  voice_crossing: "crossed voices",
  voice_overlap: "overlapping voices",
  spacing: "upper voices more than an octave apart",
  range: "a note outside the range of its voice",
  leading_tone: "a leading tone that does not rise",
  seventh: "a seventh that does not fall",
};

/** What was done and why, in sentences. */
export function explain(
  style: keyof typeof ideas,
  key: { readonly tonic: string; readonly mode: string },
  spans: readonly Span[],
  voicings: readonly Voicing[],
  violations: readonly Violation[],
): string[] {
  const sentences = [
    `The melody is taken to be in ${key.tonic} ${key.mode} and harmonized with ${ideas[style]}.`,
    ...cadence(voicings),
    ...applied(spans, voicings),
    ...passing(spans, voicings),
    ...doubtful(violations),
  ];
  return [...new Set(sentences)];
}

const isSameHarmony = (one: Voicing, other: Voicing): boolean =>
  one.chord.numeral === other.chord.numeral && one.chord.of === other.chord.of;

const names = ({ chord, inversion }: Voicing) =>
  `${romanNumeral(chord, inversion)} (${chordName(chord, inversion)})`;

function cadence(voicings: readonly Voicing[]): string[] {
  const last = voicings.at(-1);
  const before = voicings.findLast((voicing) => last !== undefined && !isSameHarmony(voicing, last));
  if (!before || !last) return [];
  return [`It ends with ${names(before)} going to ${names(last)}, ${cadenceName(before, last)}.`];
}

function cadenceName({ chord }: Voicing, { chord: last }: Voicing): string {
  if (last.degree === 5 && last.of === undefined) return "a half cadence";
  if (last.degree !== 1) return "which leaves it open, as its melody does";
  if (chord.leadingTone !== undefined && chord.of === undefined) return "an authentic cadence";
  return chord.degree === 4 ? "a plagal cadence" : "a cadence without a leading-tone dominant";
}

function applied(spans: readonly Span[], voicings: readonly Voicing[]): string[] {
  return voicings.flatMap((voicing, index) => {
    const before = voicings[index - 1];
    const goesOn = before !== undefined && isSameHarmony(before, voicing);
    if (voicing.chord.of === undefined || goesOn) return [];
    const next = voicings.slice(index + 1).find((later) => !isSameHarmony(later, voicing));
    if (!next) return [];
    return [
      `In measure ${spans[index]?.measure} ${names(voicing)} is an applied dominant; ${names(next)} follows.`,
    ];
  });
}

function passing(spans: readonly Span[], voicings: readonly Voicing[]): string[] {
  const count = spans
    .flatMap(({ pitches }, index) =>
      pitches.map((pitch) => voicings[index]?.chord.chromas.includes(pitch % 12)),
    )
    .filter((isChordTone) => isChordTone === false).length;
  if (count === 0) return [];
  return [
    `${count} of the shorter notes ${count === 1 ? "is" : "are"} not of the chord and ${count === 1 ? "passes" : "pass"} over it.`,
  ];
}

function doubtful(violations: readonly Violation[]): string[] {
  if (violations.length === 0) return ["The voice leading breaks no rule."];
  return violations.map(
    ({ rule, measure, voices }) => `Measure ${measure} has ${rules[rule]} (${voices.join(" and ")}).`,
  );
}
