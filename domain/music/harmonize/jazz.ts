import { chordType as chord } from "./chord.ts";
import type { Style } from "./style.ts";

const root = [0];

const major = [
  chord("I", "1P", "maj7", 0, root),
  chord("I", "1P", "6", 0, root),
  chord("ii", "2M", "m7", 0, root),
  chord("iii", "3M", "m7", 0.3, root),
  chord("IV", "4P", "maj7", 0.3, root),
  chord("IV", "4P", "6", 0.6, root),
  chord("V", "5P", "7", 0, root),
  chord("vi", "6M", "m7", 0.2, root),
  chord("vii", "7M", "m7b5", 1, root),
  chord("V/ii", "6M", "7", 1, root),
  chord("V/iii", "7M", "7", 2, root),
  chord("V/IV", "1P", "7", 1.2, root),
  chord("V/V", "2M", "7", 1, root),
  chord("V/vi", "3M", "7", 1.2, root),
  chord("iv", "4P", "m6", 2, root),
  chord("bVII", "7m", "7", 2, root),
  chord("bIII", "3m", "maj7", 3, root),
  chord("bII", "2m", "maj7", 3, root),
];

const minor = [
  chord("i", "1P", "m7", 0.3, root),
  chord("i", "1P", "m6", 0, root),
  chord("ii", "2M", "m7b5", 0, root),
  chord("III", "3m", "maj7", 0.5, root),
  chord("iv", "4P", "m7", 0, root),
  chord("IV", "4P", "7", 1.5, root),
  chord("V", "5P", "7", 0, root),
  chord("v", "5P", "m7", 1.5, root),
  chord("VI", "6m", "maj7", 0.2, root),
  chord("V/III", "7m", "7", 0.6, root),
  chord("V/iv", "1P", "7", 1.2, root),
  chord("V/V", "2M", "7", 1.2, root),
  chord("V/VI", "3m", "7", 1.5, root),
  chord("bII", "2m", "maj7", 2, root),
];

/** Seventh and sixth chords in chains of falling fifths, with ii–V–I at the end. */
export const jazz: Style = {
  chords: (mode) => (mode === "major" ? major : minor),
  progressions: [
    [0, 0.5, 1.5, 1, 2, 0.5, 3],
    [4, 0, 3, 4, 0, 4, 3],
    [4, 2, 0, 3, 4, 0, 4],
    [1.5, 1.5, 1.5, 0, 1.5, 3, 1],
    [0, 5, 1, 5, 0, 1.5, 4],
    [4, 0, 3, 1.5, 2, 0, 3],
    [2, 5, 0.5, 5, 2, 3, 0],
  ],
  cadence: [8, 8, 8, 5, 0, 8, 4],
  approach: [3, 0, 3, 1, 2, 2, 3],
  allowsParallels: true,
};
