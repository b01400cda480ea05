import { Interval } from "tonal";
import { Declined } from "./score.ts";
import { accidentalsOf, chromaOf, modulo } from "./spelling.ts";

export interface Move {
  /** As musicians write it, `P5` up or `-m3` down. */
  readonly name: string;
  /** Up, or down below 0. */
  readonly semitones: number;
  /** Places on the line of fifths by which the spelling moves. */
  readonly fifths: number;
}

/**
 * The interval that a text names: `P5`, `-m3`, `5P`, or semitones such as `-3`. Semitones can be spelled in
 * several ways; the one that leaves a key signature of `signature` sharps with the fewest accidentals is taken.
 * @throws {Declined} for text that names no interval.
 */
export function parseInterval(text: string, signature: number): Move {
  const trimmed = text.trim();
  if (/^[-+]?\d{1,3}$/.test(trimmed)) return semitoneMove(Number(trimmed), signature);
  const down = trimmed.startsWith("-");
  // Tonal reads `-m3` as rising, so the direction is taken off first.
  // It finds `constructor` too, so it is asked for nothing but a size and a quality.
  const interval = Interval.get(/^[-+]?(\d+[dmMPA]+|[dmMPA]+\d+)$/.exec(trimmed)?.[1] ?? "");
  // It takes a minor fifth for a perfect one, too.
  const isMixed = interval.type === "perfectable" && /[Mm]/.test(interval.q);
  if (interval.empty || interval.num < 1 || isMixed) {
    throw new Declined(
      `'${text}' is not an interval: expected an interval such as P5, -m3 or M2, or a number of semitones.`,
    );
  }
  const sign = down ? -1 : 1;
  return {
    name: `${down ? "-" : ""}${interval.q}${interval.num}`,
    // Adding 0 turns a unison's -0 into 0.
    semitones: sign * interval.semitones + 0,
    fifths: sign * interval.coord[0] + 0,
  };
}

/** The move by so many semitones whose spelling moves by so many fifths. */
export function moveBy(semitones: number, fifths: number): Move {
  const down = semitones < 0 || (semitones === 0 && stepsOf(0, fifths) < 0);
  const [size, turns] = down ? [-semitones, -fifths] : [semitones, fifths];
  return { name: `${down ? "-" : ""}${qualityOf(turns)}${stepsOf(size, turns) + 1}`, semitones, fifths };
}

function semitoneMove(semitones: number, signature: number): Move {
  const rising = modulo(semitones * 7, 12);
  const [fifths = 0] = [rising, rising - 12].sort(
    (a, b) => Math.abs(signature + a) - Math.abs(signature + b) || Math.abs(a) - Math.abs(b),
  );
  return moveBy(semitones, fifths);
}

/** Letters between the two notes: what is left when the accidentals are taken off. */
function stepsOf(semitones: number, fifths: number): number {
  const octaves = (semitones - accidentalsOf(fifths) - chromaOf(fifths - 7 * accidentalsOf(fifths))) / 12;
  return octaves * 7 + modulo(fifths * 4, 7);
}

function qualityOf(fifths: number): string {
  if (fifths >= -1 && fifths <= 1) return "P";
  if (fifths >= 2 && fifths <= 5) return "M";
  if (fifths <= -2 && fifths >= -5) return "m";
  return fifths > 0 ? "A".repeat(Math.ceil((fifths - 5) / 7)) : "d".repeat(Math.ceil((-fifths - 5) / 7));
}
