import type { Note, Score } from "../score.ts";
import { chromaOf, fifthsOf, midiOf } from "../spelling.ts";

/** A note with its pitch worked out. */
export interface SoundingNote {
  readonly onset: number;
  readonly end: number;
  readonly midi: number;
  readonly fifths: number;
  readonly chroma: number;
  /** Reached and left by step within its part, as passing and neighbour notes are. */
  readonly isStepwise: boolean;
}

const notesPerTurn = 500;
/** How far to look in a part that has chords. */
const reach = 4;

/** The notes of all parts, by onset. Yields the fraction done. */
export function* soundingNotes(score: Score): Generator<number, readonly SoundingNote[]> {
  const sounding: SoundingNote[] = [];
  const count = score.parts.reduce((sum, { notes }) => sum + notes.length, 0);
  for (const { notes } of score.parts) {
    for (const [index, note] of notes.entries()) {
      const fifths = fifthsOf(note.pitch);
      sounding.push({
        onset: note.onset,
        end: note.onset + note.duration,
        midi: midiOf(note.pitch),
        fifths,
        chroma: chromaOf(fifths),
        isStepwise: isStepwise(notes, index, note),
      });
      if (sounding.length % notesPerTurn === 0) yield sounding.length / count;
    }
  }
  return sounding.sort((a, b) => a.onset - b.onset || a.midi - b.midi);
}

function isStepwise(notes: readonly Note[], index: number, note: Note): boolean {
  const end = note.onset + note.duration;
  let reached = false;
  let left = false;
  for (let distance = 1; distance <= reach; distance++) {
    const before = notes[index - distance];
    const after = notes[index + distance];
    reached ||= before !== undefined && before.onset + before.duration === note.onset && isStep(before, note);
    left ||= after !== undefined && after.onset === end && isStep(after, note);
  }
  return reached && left;
}

function isStep(a: Note, b: Note): boolean {
  const distance = Math.abs(midiOf(a.pitch) - midiOf(b.pitch));
  return distance === 1 || distance === 2;
}
