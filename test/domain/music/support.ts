import {
  type KeySignature,
  type Measure,
  type Note,
  type Score,
  type Tempo,
  type TimeSignature,
  ticksPerQuarter,
} from "../../../domain/music/score.ts";

interface ShortScore {
  readonly title?: string;
  readonly composer?: string;
  /** `4/4` unless said. */
  readonly meter?: string;
  /** Quarters of an upbeat before the first full measure. */
  readonly upbeat?: number;
  readonly keys?: readonly KeySignature[];
  readonly meters?: readonly TimeSignature[];
  readonly tempos?: readonly Tempo[];
}

/**
 * A score from one line of text for each part: tokens of pitches and quarters, `C4:1`, a chord `C4+E4+G4:2`, a rest
 * `r:1`. The quarters may be left out while they stay the same. Bar lines `|` are for the eye only.
 */
export function shortScore(lines: Readonly<Record<string, string>>, options: ShortScore = {}): Score {
  const parts = Object.entries(lines).map(([name, line]) => ({ name, notes: notesOf(line) }));
  const [beats = 4, beatType = 4] = (options.meter ?? "4/4").split("/").map(Number);
  const end = Math.max(0, ...parts.flatMap(({ notes }) => notes.map((note) => note.onset + note.duration)));
  const full = (beats * 4 * ticksPerQuarter) / beatType;
  return {
    title: options.title ?? "Study",
    ...(options.composer === undefined ? {} : { composer: options.composer }),
    parts,
    measures: measuresOf(full, (options.upbeat ?? 0) * ticksPerQuarter, end),
    timeSignatures: options.meters ?? [{ onset: 0, beats, beatType }],
    keySignatures: options.keys ?? [],
    tempos: options.tempos ?? [],
  };
}

function notesOf(line: string): readonly Note[] {
  const notes: Note[] = [];
  let onset = 0;
  let quarters = "1";
  for (const token of line.split(/\s+/).filter((text) => text !== "" && text !== "|")) {
    const [pitches = "r", length = quarters] = token.split(":");
    quarters = length;
    const duration = Math.round(fraction(length) * ticksPerQuarter);
    if (pitches !== "r") notes.push(...pitches.split("+").map((pitch) => ({ pitch, onset, duration })));
    onset += duration;
  }
  return notes;
}

function fraction(text: string): number {
  const [over = 1, under = 1] = text.split("/").map(Number);
  return over / under;
}

function measuresOf(full: number, upbeat: number, end: number): readonly Measure[] {
  const measures: Measure[] = upbeat > 0 ? [{ number: "0", onset: 0, duration: upbeat }] : [];
  for (let onset = upbeat, number = 1; onset < end; onset += full, number++) {
    measures.push({ number: `${number}`, onset, duration: full });
  }
  return measures;
}
