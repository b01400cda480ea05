import { Declined, type Note, type Score, ticksPerQuarter } from "../score.ts";
import { midiOf } from "../spelling.ts";
import { measureAt } from "../timeline.ts";
import { fourVoiceRanges } from "../voice-leading.ts";

/** A stretch of the melody over one chord: a note of a beat or more, or the shorter notes of a beat. */
export interface Span {
  readonly onset: number;
  readonly duration: number;
  readonly notes: readonly Note[];
  /** MIDI numbers of `notes`. */
  readonly pitches: readonly number[];
  /** The note that the chord is struck with. */
  readonly head: number;
  /** The note that leads to the next chord. */
  readonly last: number;
  readonly low: number;
  readonly high: number;
  /** As printed. */
  readonly measure: string;
  readonly beginsMeasure: boolean;
}

/** How far, in semitones, a melody may leave the range of a soprano before we decline it. */
const tolerance = 3;

/**
 * The upper line of the first part.
 * @throws Declined without notes, or where no soprano could sing it.
 */
export function melodyOf(score: Score): Note[] {
  const line = upperLine(score.parts[0]?.notes ?? []);
  if (line.length === 0) throw new Declined("There is no melody to harmonize: the first part has no notes.");
  const [low, high] = fourVoiceRanges[0] ?? [60, 81];
  for (const { pitch, onset } of line) {
    const midi = midiOf(pitch);
    if (midi >= low - tolerance && midi <= high + tolerance) continue;
    throw new Declined(
      `The melody has ${pitch} in measure ${measureAt(score, onset).number}, which no soprano sings (C4 to A5): transpose it first.`,
    );
  }
  return line;
}

/** The melody, cut where a new chord is due. */
export function spansOf(score: Score, melody: readonly Note[]): Span[] {
  const groups: { notes: Note[]; measure: number }[] = [];
  const beats = beatsOf(score);
  let end = 0;
  for (const note of melody) {
    const { beat, start, measure } = beats(note.onset);
    const belongs = note.duration < beat && note.onset > start && end > start;
    const group = groups.at(-1);
    if (group && belongs) group.notes.push(note);
    else groups.push({ notes: [note], measure });
    end = note.onset + note.duration;
  }
  return groups.map(({ notes, measure }, index) =>
    spanOf(notes, score.measures[measure]?.number ?? "1", groups[index - 1]?.measure !== measure),
  );
}

function spanOf(notes: readonly Note[], measure: string, beginsMeasure: boolean): Span {
  const pitches = notes.map(({ pitch }) => midiOf(pitch));
  const onset = notes[0]?.onset ?? 0;
  const final = notes.at(-1);
  return {
    onset,
    duration: final ? final.onset + final.duration - onset : 0,
    notes,
    pitches,
    head: pitches[0] ?? 0,
    last: pitches.at(-1) ?? 0,
    low: pitches.reduce((low, pitch) => Math.min(low, pitch)),
    high: pitches.reduce((high, pitch) => Math.max(high, pitch)),
    measure,
    beginsMeasure,
  };
}

function upperLine(notes: readonly Note[]): Note[] {
  const line: Note[] = [];
  for (const note of notes) {
    const before = line.at(-1);
    if (before && note.onset < before.onset + before.duration) {
      if (midiOf(note.pitch) <= midiOf(before.pitch)) continue;
      line.pop();
      if (note.onset > before.onset) line.push({ ...before, duration: note.onset - before.onset });
    }
    line.push(note);
  }
  return line;
}

/** For ticks that only grow: the length of the beat there, where it starts, and the index of its measure. */
function beatsOf({ measures, timeSignatures }: Score) {
  let [measure, time] = [0, 0];
  return (tick: number) => {
    while ((measures[measure + 1]?.onset ?? Number.POSITIVE_INFINITY) <= tick) measure++;
    while ((timeSignatures[time + 1]?.onset ?? Number.POSITIVE_INFINITY) <= tick) time++;
    const { beats, beatType } = timeSignatures[time] ?? { beats: 4, beatType: 4 };
    const isCompound = beatType >= 8 && beats > 3 && beats % 3 === 0;
    const beat = ((4 * ticksPerQuarter) / beatType) * (isCompound ? 3 : 1);
    const { onset, duration } = measures[measure] ?? { onset: 0, duration: 0 };
    // An upbeat is the end of a measure, so its beats are counted from its barline back.
    const isUpbeat = measure === 0 && duration < (beats * 4 * ticksPerQuarter) / beatType;
    const origin = isUpbeat ? onset + duration : onset;
    return { beat, start: origin + Math.floor((tick - origin) / beat) * beat, measure };
  };
}
