import { chordType as chord } from "./chord.ts";
import type { Style } from "./style.ts";

const root = [0];

const major = [
  chord("I", "1P", "M", 0, root),
  chord("ii", "2M", "m", 0.8, root),
  chord("iii", "3M", "m", 1, root),
  chord("IV", "4P", "M", 0, root),
  chord("V", "5P", "M", 0, root),
  chord("vi", "6M", "m", 0, root),
  chord("bVII", "7m", "M", 1.5, root),
  chord("iv", "4P", "m", 2.5, root),
  chord("V/V", "2M", "M", 2.5, root),
  chord("V/vi", "3M", "M", 2.5, root),
  chord("V/ii", "6M", "M", 3, root),
  chord("V/iii", "7M", "M", 4, root),
  chord("bIII", "3m", "M", 4, root),
  chord("bII", "2m", "M", 6, root),
];

const minor = [
  chord("i", "1P", "m", 0, root),
  chord("III", "3m", "M", 0, root),
  chord("iv", "4P", "m", 0.3, root),
  chord("IV", "4P", "M", 1.5, root),
  chord("v", "5P", "m", 0.8, root),
  chord("V", "5P", "M", 0.8, root),
  chord("VI", "6m", "M", 0, root),
  chord("VII", "7m", "M", 0, root),
  chord("V/iv", "1P", "M", 3, root),
  chord("V/V", "2M", "M", 3, root),
  chord("bII", "2m", "M", 4, root),
];

/** Triads in root position: I, V, vi and IV in their usual rounds (in minor: i, VI, III and VII). */
export const pop: Style = {
  chords: (mode) => (mode === "major" ? major : minor),
  progressions: [
    [0, 2, 2, 0.5, 0, 0.5, 1],
    [3, 0, 2, 1, 0.5, 2, 4],
    [3, 2, 0, 0.5, 3, 0.5, 0],
    [0, 1.5, 3, 0, 0, 1, 1],
    [0.5, 3, 3, 0.5, 0, 0, 4],
    [2, 1.5, 0.5, 0, 0.5, 0, 0.5],
    [0.5, 3, 3, 0.5, 2, 0.5, 0],
  ],
  cadence: [6, 6, 6, 0, 0, 4, 1],
  approach: [0.5, 0.5, 1, 0, 0.5, 0, 1],
  allowsParallels: true,
};
