import type { MeasureAttributes, MeasureEntry, NoteEntry, Part } from "musicxml-io";
import {
  Declined,
  type KeySignature,
  type Tempo,
  type TimeSignature,
  ticksPerQuarter,
} from "../../domain/music/score.ts";
import { soundingPitch, type Transposition, transpositionOf } from "./musicxml-pitch.ts";
import { keyOf, tempoOf, timeOf } from "./musicxml-signatures.ts";
import type { NoteHead } from "./ties.ts";

const maxMeasureTicks = 1_000 * ticksPerQuarter;

/** One measure of one part; onsets are ticks from the beginning of the measure. */
export interface PartMeasure {
  readonly number: string;
  /** Ticks that are written out; 0 for an empty measure. */
  readonly length: number;
  readonly heads: readonly NoteHead[];
  readonly times: readonly TimeSignature[];
  readonly keys: readonly KeySignature[];
  readonly tempos: readonly Tempo[];
}

/** What holds from one measure to the next. */
interface Standing {
  divisions: number;
  transposition: Transposition;
}

/** @throws {Declined} */
export function measuresOf(part: Part): PartMeasure[] {
  const standing: Standing = { divisions: 1, transposition: { semitones: 0, fifths: 0 } };
  return part.measures.map(({ number, attributes, entries }) => {
    const walk = new MeasureWalk(standing);
    if (attributes) walk.attributes(attributes);
    for (const entry of entries) walk.step(entry);
    return { number, ...walk.result() };
  });
}

/** Goes through a measure with the cursor that notes, backups and forwards move. */
class MeasureWalk {
  readonly #standing: Standing;
  readonly #heads: NoteHead[] = [];
  readonly #times: TimeSignature[] = [];
  readonly #keys: KeySignature[] = [];
  readonly #tempos: Tempo[] = [];
  /** Ticks; between two of them where the divisions are finer. */
  #position = 0;
  #furthest = 0;
  #chordOnset = 0;

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  step(entry: MeasureEntry): void {
    if (entry.type === "note") this.#note(entry);
    else if (entry.type === "backup") this.#move(-this.#ticks(entry.duration));
    else if (entry.type === "forward") this.#move(this.#ticks(entry.duration));
    else if (entry.type === "attributes") this.attributes(entry.attributes);
    else if (entry.type === "direction") this.#tempo(entry, this.#ticks(entry.offset ?? 0));
    else if (entry.type === "sound") this.#tempo(entry, 0);
  }

  attributes(attributes: MeasureAttributes): void {
    const { divisions, transpose } = attributes;
    if (divisions !== undefined) this.#standing.divisions = checkedDivisions(divisions);
    if (transpose) this.#standing.transposition = transpositionOf(transpose);
    const onset = Math.round(this.#position);
    const time = timeOf(attributes);
    if (time) this.#times.push({ onset, ...time });
    const key = keyOf(attributes, this.#standing.transposition);
    if (key) this.#keys.push({ onset, ...key });
  }

  result(): Omit<PartMeasure, "number"> {
    const [length, heads] = [Math.round(this.#furthest), this.#heads];
    return { length, heads, times: this.#times, keys: this.#keys, tempos: this.#tempos };
  }

  #note(entry: NoteEntry): void {
    if (entry.grace) return;
    const ticks = this.#ticks(entry.duration);
    if (!entry.chord) {
      this.#chordOnset = this.#position;
      this.#move(ticks);
    }
    if (!entry.pitch || entry.cue) return;
    const onset = Math.round(this.#chordOnset);
    const duration = Math.round(this.#chordOnset + ticks) - onset;
    if (duration === 0) return;
    this.#furthest = Math.max(this.#furthest, onset + duration);
    const pitch = soundingPitch(entry.pitch, this.#standing.transposition);
    this.#heads.push({ pitch, onset, duration, voice: entry.voice ?? "1", ...tiesOf(entry) });
  }

  #tempo(entry: Parameters<typeof tempoOf>[0], offset: number): void {
    const tempo = tempoOf(entry);
    if (tempo) this.#tempos.push({ onset: Math.max(0, Math.round(this.#position + offset)), ...tempo });
  }

  #ticks(divisions: number): number {
    return (divisions * ticksPerQuarter) / this.#standing.divisions;
  }

  #move(ticks: number): void {
    const position = this.#position + ticks;
    if (position < -0.5) throw new Declined("A backup goes back to before its measure.");
    this.#position = Math.max(0, position);
    if (this.#position > maxMeasureTicks) throw new Declined("A measure is longer than 1,000 quarter notes.");
    this.#furthest = Math.max(this.#furthest, this.#position);
  }
}

function checkedDivisions(divisions: number): number {
  if (divisions >= 1 && divisions <= 1_000_000) return divisions;
  throw new Declined("The divisions of a quarter note are not between 1 and 1,000,000.");
}

/** Some programs write only how a tie looks. */
function tiesOf({ tie, ties, notations = [] }: NoteEntry): Pick<NoteHead, "tiedToNext" | "tiedToLast"> {
  const heard = ties ?? (tie ? [tie] : undefined);
  const kinds: readonly string[] =
    heard?.map(({ type }) => type) ??
    notations.flatMap((notation) => (notation.type === "tied" ? [notation.tiedType] : []));
  const goesOn = kinds.includes("continue");
  return { tiedToNext: goesOn || kinds.includes("start"), tiedToLast: goesOn || kinds.includes("stop") };
}
