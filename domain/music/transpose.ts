import { type Move, moveBy, parseInterval } from "./interval.ts";
import { type Key, keyName, keyOf, signatureOf } from "./key.ts";
import { Declined, type Note, type Score } from "./score.ts";
import { accidentalsOf, chromaOf, fifthsOf, midiOf, nameOf, pitchAt } from "./spelling.ts";
import { indexAt } from "./timeline.ts";

interface Transposition {
  readonly score: Score;
  /** As the first note is written: `P5` is up, `-m3` down. */
  readonly interval: string;
  readonly from_key: string;
  readonly to_key: string;
}

const octaveBelowLowestA = 9;
const highestC = 120;

/**
 * Moves a score by an interval (`P5`, `-m3`, `5P`, or semitones such as `-3`), or to a key (`Eb major`, `f# minor`,
 * or `G` for the same mode) in the nearer direction. Every note keeps its place in its key; where a key signature
 * would pass seven accidentals, its stretch of the score is written a diminished second away.
 * @throws {Declined} for what is no interval or key, a key of the other mode, a score without notes, and notes that
 *   leave the range from an octave below A0 to C9.
 */
export function transposeScore(
  score: Score,
  by: { readonly interval: string } | { readonly to_key: string },
): Transposition {
  const from = keyOf(score);
  const first = signatureAt(score, 0, signatureOf(from));
  const move = "interval" in by ? parseInterval(by.interval, first) : moveToKey(from, by.to_key);
  const fifthsFrom = (signature: number) => move.fifths + enharmonicShift(signature + move.fifths);
  return {
    score: {
      ...score,
      keySignatures: score.keySignatures.map((key) => ({
        ...key,
        fifths: key.fifths + fifthsFrom(key.fifths),
      })),
      parts: score.parts.map((part) => ({
        ...part,
        notes: part.notes.map((note) => {
          const signature = signatureAt(score, note.onset, signatureOf(from));
          return moveNote(note, move.semitones, fifthsFrom(signature), signature);
        }),
      })),
    },
    interval: writtenName(move, fifthsFrom(first)),
    from_key: keyName(from),
    to_key: keyName({ ...from, tonic: nameOf(fifthsOf(from.tonic) + fifthsFrom(signatureOf(from))) }),
  };
}

/** The name of the move when its spelling moves by other fifths than were asked for. */
const writtenName = (move: Move, fifths: number): string =>
  fifths === move.fifths ? move.name : moveBy(move.semitones, fifths).name;

const signatureAt = (score: Score, onset: number, otherwise: number): number =>
  score.keySignatures[indexAt(score.keySignatures, onset)]?.fifths ?? otherwise;

/** The fifths, a multiple of 12, that bring a key signature back to seven accidentals or fewer. */
function enharmonicShift(signature: number): number {
  if (signature > 7) return -12 * Math.ceil((signature - 7) / 12);
  if (signature < -7) return 12 * Math.ceil((-signature - 7) / 12);
  return 0;
}

function moveNote(note: Note, semitones: number, fifths: number, signature: number): Note {
  const midi = midiOf(note.pitch) + semitones;
  if (midi < octaveBelowLowestA || midi > highestC) {
    throw new Declined(`Moved that far, ${note.pitch} would leave the range from A-1 to C9.`);
  }
  const from = fifthsOf(note.pitch);
  const wasSimple = Math.abs(accidentalsOf(from)) < 2;
  return { ...note, pitch: pitchAt(simplest(from + fifths, signature + fifths, wasSimple), midi) };
}

/**
 * A double accidental stays where the key itself asks for it, such as the leading note Fx of G# minor or the Ebb of
 * Gb major's diminished seventh, and where the composer wrote one; a triple one has no notation.
 */
function simplest(fifths: number, signature: number, wasSimple: boolean): number {
  const accidentals = Math.abs(accidentalsOf(fifths));
  const inKey = fifths >= signature - 5 && fifths <= signature + 8;
  if (accidentals < 2 || (accidentals === 2 && (inKey || !wasSimple))) return fifths;
  return simplest(fifths + (fifths > 0 ? -12 : 12), signature, true);
}

function moveToKey(from: Key, text: string): Move {
  const plain = text.replace("♯", "#").replace("♭", "b");
  const [, letter, accidental = "", m, mode] =
    /^\s*([A-Ga-g])([#b])?(m)?(?:\s+([Mm]ajor|[Mm]inor))?\s*$/.exec(plain) ?? [];
  if (letter === undefined || (m !== undefined && mode !== undefined)) {
    throw new Declined(`'${text}' is not a major or minor key.`);
  }
  const wanted = m === undefined ? (mode?.toLowerCase() ?? from.mode) : "minor";
  if (wanted !== from.mode) {
    throw new Declined(
      `The score is in ${keyName(from)}, and transposing keeps the mode: ask for a ${from.mode} key.`,
    );
  }
  const fifths = fifthsOf(`${letter.toUpperCase()}${accidental}`) - fifthsOf(from.tonic);
  const rising = chromaOf(fifths);
  return moveBy(rising > 6 ? rising - 12 : rising, fifths);
}
