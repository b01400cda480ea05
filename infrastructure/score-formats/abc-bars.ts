import { Declined, type Measure, type TimeSignature } from "../../domain/music/score.ts";
import { wholeNote } from "./abc-fields.ts";
import { checkMeasures } from "./limits.ts";

const maxMeasureTicks = 250 * wholeNote;

/** Where a voice is, and the measures behind it; in ticks. */
export class AbcBars {
  readonly measures: Omit<Measure, "number">[] = [];
  meter: Omit<TimeSignature, "onset"> | undefined;
  position = 0;
  #onset = 0;
  /** How far the voice came before another was laid over it. */
  #reached = 0;

  /** A full measure; four quarters where the meter is free. */
  get full(): number {
    return this.meter ? (this.meter.beats * wholeNote) / this.meter.beatType : wholeNote;
  }

  /** @throws {Declined} for a measure of unlikely length */
  move(ticks: number): void {
    this.position += ticks;
    if (this.position - this.#onset > maxMeasureTicks)
      throw new Declined("A measure is longer than 250 whole notes.");
  }

  overlay(): void {
    this.#reached = Math.max(this.#reached, this.position);
    this.position = this.#onset;
  }

  /** Ends the measure, unless nothing is in it. @throws {Declined} for too many measures */
  end(): void {
    const end = Math.max(this.position, this.#reached);
    if (end > this.#onset) this.measures.push({ onset: this.#onset, duration: end - this.#onset });
    checkMeasures(this.measures.length);
    this.position = end;
    this.#onset = end;
  }
}
