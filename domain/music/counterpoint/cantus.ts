import { Mode, Note as Pitch } from "tonal";
import { Declined, type Note, type Score } from "../score.ts";
import { measureAt } from "../timeline.ts";
import { type Tone, toneOf } from "./tone.ts";

export type ModeName =
  | "ionian"
  | "dorian"
  | "phrygian"
  | "lydian"
  | "mixolydian"
  | "aeolian"
  | "major"
  | "minor";

/** A melody to write against, and what it says about the voice that comes to it. */
export interface Cantus {
  readonly notes: readonly Note[];
  readonly tones: readonly Tone[];
  readonly mode: ModeName;
  /** Note names without octave. */
  readonly scale: readonly string[];
  /** The name of the last note. */
  readonly final: string;
  /** The name of the note that leads to the final from below, raised where the mode needs it. */
  readonly leadingTone: string;
}

const fewest = 3;

const churchModes = ["ionian", "aeolian", "dorian", "mixolydian", "phrygian", "lydian"] as const;

/**
 * The cantus firmus: the notes of the first part. A mode that is not given is taken from its last note.
 * @throws Declined where notes sound together, or there are too few.
 */
export function cantusOf(score: Score, given: ModeName | undefined): Cantus {
  const notes = score.parts[0]?.notes ?? [];
  if (notes.length < fewest) {
    throw new Declined(`A cantus firmus has at least ${fewest} notes; the first part has ${notes.length}.`);
  }
  for (const [index, note] of notes.entries()) {
    const next = notes[index + 1];
    if (!next || next.onset >= note.onset + note.duration) continue;
    const { number } = measureAt(score, next.onset);
    throw new Declined(`A cantus firmus has one note at a time; in measure ${number} notes sound together.`);
  }
  const final = Pitch.pitchClass(notes.at(-1)?.pitch ?? "");
  const mode = given ?? modeOf(score, notes, final);
  const leadingTone = Pitch.transpose(final, mode === "phrygian" ? "-2M" : "-2m");
  return {
    notes,
    tones: notes.map(({ pitch }) => toneOf(pitch)),
    mode,
    scale: Mode.notes(mode, final),
    final,
    leadingTone,
  };
}

/** The mode on the final that holds most of the notes; where several do, the one of the key signature. */
function modeOf(score: Score, notes: readonly Note[], final: string): ModeName {
  const names = notes.map(({ pitch }) => Pitch.pitchClass(pitch));
  const signature = signatureOf(score.keySignatures[0]?.fifths ?? 0);
  const merit = (mode: ModeName) => {
    const scale = Mode.notes(mode, final);
    const held = names.filter((name) => scale.includes(name)).length;
    return held * 8 + scale.filter((name) => signature.includes(name)).length;
  };
  return churchModes.reduce((best, mode) => (merit(mode) > merit(best) ? mode : best));
}

function signatureOf(fifths: number): string[] {
  return Mode.notes("ionian", Pitch.transposeFifths("C", fifths));
}
