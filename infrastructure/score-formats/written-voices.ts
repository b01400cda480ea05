import { Declined, type Measure, type Note } from "../../domain/music/score.ts";
import type { SignCount } from "./sign-count.ts";

/** Of one part; each of them is looked for in each measure. */
const maxVoices = 16;

/** What of a note or chord is in one measure. */
export interface Segment {
  readonly pitches: readonly string[];
  /** Ticks from the beginning of the score. */
  readonly onset: number;
  readonly duration: number;
  readonly tiedToLast: boolean;
  readonly tiedToNext: boolean;
}

interface Chord {
  readonly pitches: string[];
  readonly onset: number;
  readonly duration: number;
}

interface Voice {
  end: number;
  readonly chords: Chord[];
}

export type SegmentsByMeasure = readonly (Segment[] | undefined)[];

/**
 * The notes of a part by voice and by measure; in a voice, nothing overlaps. What is not in a measure is undefined.
 * @throws {Declined} for notes outside of the measures, for far too many, and for too many voices
 */
export function segmentsByVoice(
  notes: readonly Note[],
  measures: readonly Measure[],
  count: SignCount,
): readonly SegmentsByMeasure[] {
  return voicesOf(notes).map(({ chords }) => {
    const byMeasure: Segment[][] = [];
    let first = 0;
    for (const chord of chords) {
      while (endOf(measures[first]) <= chord.onset) first += 1;
      for (const [index, segment] of split(chord, measures, first)) {
        count.add(segment.pitches.length);
        const measure = byMeasure[index] ?? [];
        byMeasure[index] = measure;
        measure.push(segment);
      }
    }
    return byMeasure;
  });
}

/** Notes of the same onset and length are a chord; it goes to the first voice that is silent there. */
function voicesOf(notes: readonly Note[]): Voice[] {
  const chords = new Map<string, Chord>();
  for (const { pitch, onset, duration } of notes) {
    const key = `${onset} ${duration}`;
    const chord = chords.get(key) ?? { pitches: [], onset, duration };
    chords.set(key, chord);
    chord.pitches.push(pitch);
  }
  const voices: Voice[] = [];
  for (const chord of [...chords.values()].sort((a, b) => a.onset - b.onset || b.duration - a.duration)) {
    const free = voices.find(({ end }) => end <= chord.onset);
    const voice = free ?? { end: 0, chords: [] };
    if (!free) voices.push(voice);
    if (voices.length > maxVoices)
      throw new Declined(`In a part, more than ${maxVoices} notes that do not end together overlap.`);
    voice.chords.push(chord);
    voice.end = chord.onset + chord.duration;
  }
  return voices;
}

function* split(chord: Chord, measures: readonly Measure[], first: number): Generator<[number, Segment]> {
  const end = chord.onset + chord.duration;
  let onset = chord.onset;
  for (let index = first; onset < end; index += 1) {
    const until = Math.min(end, endOf(measures[index]));
    const ties = { tiedToLast: onset > chord.onset, tiedToNext: until < end };
    yield [index, { pitches: chord.pitches, onset, duration: until - onset, ...ties }];
    onset = until;
  }
}

function endOf(measure: Measure | undefined): number {
  if (!measure) throw new Declined("The score has notes after its last measure.");
  return measure.onset + measure.duration;
}
