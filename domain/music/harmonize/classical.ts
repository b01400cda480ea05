import { chordType as chord } from "./chord.ts";
import type { Style } from "./style.ts";

const rootOnly = [0];
const triad = [0, 1];
const sixthOnly = [1];
const seventh = [0, 1, 2, 3];

const major = [
  chord("I", "1P", "M", 0, triad),
  chord("ii", "2M", "m", 0.2, triad),
  chord("ii", "2M", "m7", 0.5, [0, 1]),
  chord("iii", "3M", "m", 1.2, rootOnly),
  chord("IV", "4P", "M", 0, triad),
  chord("V", "5P", "M", 0, triad),
  chord("V", "5P", "7", 0.2, seventh),
  chord("vi", "6M", "m", 0.2, rootOnly),
  chord("vii", "7M", "dim", 0.8, sixthOnly),
  chord("V/ii", "6M", "7", 3, seventh),
  chord("V/iii", "7M", "7", 4, seventh),
  chord("V/IV", "1P", "7", 3, seventh),
  chord("V/V", "2M", "7", 2, seventh),
  chord("V/vi", "3M", "7", 3, seventh),
  chord("iv", "4P", "m", 4, triad),
  chord("i", "1P", "m", 6, triad),
  chord("bII", "2m", "M", 6, sixthOnly),
];

const minor = [
  chord("i", "1P", "m", 0, triad),
  chord("ii", "2M", "dim", 0.6, sixthOnly),
  chord("ii", "2M", "m7b5", 0.5, [0, 1]),
  chord("III", "3m", "M", 0.8, triad),
  chord("iv", "4P", "m", 0, triad),
  chord("IV", "4P", "M", 2, triad),
  chord("V", "5P", "M", 0, triad),
  chord("V", "5P", "7", 0.2, seventh),
  chord("v", "5P", "m", 2.5, triad),
  chord("VI", "6m", "M", 0.2, rootOnly),
  chord("vii", "7M", "dim", 0.8, sixthOnly),
  chord("V/III", "7m", "M", 1, triad),
  chord("V/III", "7m", "7", 1.2, seventh),
  chord("V/iv", "1P", "7", 3, seventh),
  chord("V/V", "2M", "7", 3, seventh),
  chord("V/VI", "3m", "7", 3, seventh),
  chord("bII", "2m", "M", 4, sixthOnly),
];

/** Functional harmony: subdominant, dominant, tonic, and an authentic cadence at the end. */
export const classical: Style = {
  chords: (mode) => (mode === "major" ? major : minor),
  progressions: [
    [0, 1, 2.5, 0.5, 0.5, 1, 2],
    [4, 0, 5, 3, 0, 4, 1],
    [4, 3, 0, 1, 4, 0, 6],
    [1, 1, 5, 0, 0, 3, 1],
    [0, 6, 5, 6, 0, 1, 3],
    [3, 0, 3, 0.5, 1, 0, 3],
    [0, 6, 3, 6, 3, 5, 0],
  ],
  cadence: [8, 8, 8, 4, 0, 8, 3],
  approach: [1, 0, 2, 0, 0.5, 0.5, 2],
  allowsParallels: false,
};
