import { type Score, ticksPerQuarter } from "./score.ts";
import { type Section, sectionsOf } from "./sections.ts";
import { midiOf } from "./spelling.ts";
import { countNotes } from "./summary.ts";
import { endOf, measureAt, quarters, rounded } from "./timeline.ts";

const defaultBpm = 120;

interface ScoreInfo {
  readonly status: "success";
  readonly exists: true;
  readonly metadata: { readonly title: string; readonly composer: string | null };
  readonly num_parts: number;
  readonly num_measures: number;
  readonly num_notes: number;
  readonly duration_quarters: number;
  readonly duration_seconds: number;
  readonly time_signatures: readonly { readonly measure: string; readonly signature: string }[];
  readonly tempo_markings: readonly {
    readonly measure: string;
    readonly bpm: number;
    readonly text?: string;
  }[];
  readonly tempo_bpm: number;
  readonly instruments?: readonly string[];
  readonly structure?: {
    readonly measures: readonly MeasureInfo[];
    readonly sections: readonly Section[];
  };
}

interface MeasureInfo {
  readonly number: string;
  readonly offset: number;
  readonly duration_quarters: number;
}

interface InfoOptions {
  readonly include_instruments: boolean;
  readonly include_structure: boolean;
}

/** What a musician wants to know of a score before the notes. Measures are named as printed. */
export function scoreInfo(score: Score, options: InfoOptions): ScoreInfo {
  return {
    status: "success",
    exists: true,
    metadata: { title: score.title, composer: score.composer ?? null },
    num_parts: score.parts.length,
    num_measures: score.measures.length,
    num_notes: countNotes(score),
    duration_quarters: quarters(endOf(score)),
    duration_seconds: rounded(secondsOf(score)),
    time_signatures: score.timeSignatures.map(({ onset, beats, beatType }) => ({
      measure: measureAt(score, onset).number,
      signature: `${beats}/${beatType}`,
    })),
    tempo_markings: score.tempos.map(({ onset, bpm, text }) => ({
      measure: measureAt(score, onset).number,
      bpm,
      ...(text === undefined ? {} : { text }),
    })),
    tempo_bpm: score.tempos[0]?.bpm ?? defaultBpm,
    ...(options.include_instruments ? { instruments: score.parts.map(({ name }) => name) } : {}),
    ...(options.include_structure ? { structure: structureOf(score) } : {}),
  };
}

/** The lowest and the highest pitch as written, or null for both where the score has no notes. */
export function pitchRange(score: Score): { lowest: string | null; highest: string | null } {
  let lowest: { pitch: string; midi: number } | undefined;
  let highest: { pitch: string; midi: number } | undefined;
  for (const { pitch } of score.parts.flatMap(({ notes }) => notes)) {
    const midi = midiOf(pitch);
    if (!lowest || midi < lowest.midi) lowest = { pitch, midi };
    if (!highest || midi > highest.midi) highest = { pitch, midi };
  }
  return { lowest: lowest?.pitch ?? null, highest: highest?.pitch ?? null };
}

function secondsOf(score: Score): number {
  let seconds = 0;
  let from = 0;
  let bpm = defaultBpm;
  const end = endOf(score);
  for (const tempo of [...score.tempos, { onset: end, bpm: defaultBpm }]) {
    seconds += ((Math.max(from, tempo.onset) - from) / ticksPerQuarter) * (60 / bpm);
    from = Math.max(from, tempo.onset);
    bpm = tempo.bpm;
  }
  return seconds;
}

const structureOf = (score: Score) => ({
  measures: score.measures.map(({ number, onset, duration }) => ({
    number,
    offset: quarters(onset),
    duration_quarters: quarters(duration),
  })),
  sections: sectionsOf(score),
});
