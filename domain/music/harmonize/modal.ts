import { chordType as chord } from "./chord.ts";
import type { Style } from "./style.ts";

const triad = [0, 1];

const tonicMajor = chord("I", "1P", "M", 0, triad);
const tonicMinor = chord("i", "1P", "m", 0, triad);
/** What a chord of a neighbouring mode costs. */
const foreign = 2;

/** Ionian and Mixolydian: which one is for the seventh of the melody to say; the other lends at a cost. */
function major(melody: ReadonlySet<number>) {
  const ionian = melody.has(11) && !melody.has(10) ? 0 : foreign;
  const mixolydian = foreign - ionian;
  const lydian = melody.has(6) && !melody.has(5) ? 0 : foreign + 1;
  return [
    tonicMajor,
    chord("ii", "2M", "m", 0.3, triad),
    chord("iii", "3M", "m", ionian + 0.3, triad),
    chord("IV", "4P", "M", 0, triad),
    chord("v", "5P", "m", mixolydian + 0.3, triad),
    chord("vi", "6M", "m", 0.2, triad),
    chord("bVII", "7m", "M", mixolydian, triad),
    chord("II", "2M", "M", lydian, triad),
  ];
}

/** Aeolian, Dorian (a natural sixth) and Phrygian (a flat second). */
function minor(melody: ReadonlySet<number>) {
  const dorian = melody.has(9) && !melody.has(8) ? 0 : foreign;
  const aeolian = foreign - dorian;
  const phrygian = melody.has(1) && !melody.has(2) ? 0 : foreign;
  return [
    tonicMinor,
    chord("ii", "2M", "m", dorian + 0.3, triad),
    chord("bII", "2m", "M", phrygian, triad),
    chord("III", "3m", "M", 0.2, triad),
    chord("iv", "4P", "m", aeolian, triad),
    chord("IV", "4P", "M", dorian, triad),
    chord("v", "5P", "m", 0.4, triad),
    chord("VI", "6m", "M", aeolian, triad),
    chord("VII", "7m", "M", 0, triad),
  ];
}

/** No dominant with a leading tone: plagal cadences, and those from the seventh degree or the minor fifth. */
export const modal: Style = {
  chords: (mode, melody) => (mode === "major" ? major(melody) : minor(melody)),
  progressions: [
    [0, 1, 1.5, 0.5, 1, 1, 0.5],
    [0.5, 0, 2, 1, 2, 2, 1],
    [2, 1.5, 0, 0.5, 3, 0.5, 1],
    [0, 1, 2, 0, 2, 1.5, 0.5],
    [0.5, 3, 2, 1, 0, 1, 1],
    [1, 1, 1.5, 0.5, 2, 0, 0.5],
    [0, 2, 1, 0.5, 2, 1, 0],
  ],
  cadence: [6, 1, 3, 0, 0.8, 3, 0],
  approach: [0, 0, 0, 0, 0, 0, 0],
  allowsParallels: false,
};
