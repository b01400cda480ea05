import { declinedAt, type Place } from "../../domain/music/notation-cursor.ts";
import { AbcVoice } from "./abc-voice.ts";

export interface Field {
  readonly letter: string;
  readonly text: string;
  readonly place: Place;
}

/** Characters of one field. */
const maxLength = 2_000;
const maxInHeader = 100;
const maxInTune = 2_000;

/** The fields that say something of the notes. A tempo counts in the unit length, which the meter may give. */
const order = "MLQK";

export const saysNotes = (letter: string): boolean => order.includes(letter);

/** @throws {Declined} */
export function checkField({ text, place }: Field): void {
  if (text.length > maxLength) throw declinedAt(place, `a field of more than ${maxLength} characters`);
}

/** @throws {Declined} */
export function checkFieldCount(count: number, inBody: boolean, place: Place): void {
  const limit = inBody ? maxInTune : maxInHeader;
  if (count > limit)
    throw declinedAt(place, `more than ${limit} fields ${inBody ? "" : "before the music"}`.trim());
}

/** What each voice begins with. @throws {Declined} */
export function readHeader(fields: readonly Field[]): AbcVoice {
  const voice = new AbcVoice();
  const inOrder = fields.toSorted((a, b) => order.indexOf(a.letter) - order.indexOf(b.letter));
  for (const { letter, text, place } of inOrder) voice.field(letter, text, place);
  return voice;
}
