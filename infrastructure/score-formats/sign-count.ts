import { Declined } from "../../domain/music/score.ts";

const maxSigns = 30_000;

/** Counts what a score takes to write: a short text may say notes of many measures, and rests in many parts. */
export class SignCount {
  #count = 0;

  /** @throws {Declined} for far too many */
  add(signs: number): void {
    this.#count += signs;
    if (this.#count > maxSigns) throw new Declined("The score is too large to be written as MusicXML.");
  }
}
