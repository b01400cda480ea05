import { Declined, type Note } from "../../domain/music/score.ts";
import { midiOf } from "../../domain/music/spelling.ts";

/** Of one pitch, at one time; each head is compared with all of them. */
const maxOpenTies = 32;

/** A note head as written: what is tied are several. */
export interface NoteHead extends Note {
  readonly voice: string;
  readonly tiedToNext: boolean;
  readonly tiedToLast: boolean;
}

interface OpenNote {
  readonly pitch: string;
  readonly onset: number;
  duration: number;
  voice: string;
}

/**
 * The notes that sound, in the order of a part: by onset, then from low to high.
 * @throws {Declined} where far too many of one pitch are tied at once
 */
export function joinTies(heads: readonly NoteHead[]): Note[] {
  const notes: OpenNote[] = [];
  const open = new Map<string, OpenNote[]>();
  for (const head of heads.toSorted((a, b) => a.onset - b.onset)) {
    const waiting = (open.get(head.pitch) ?? []).filter((note) => endOf(note) >= head.onset);
    const note = (head.tiedToLast && takeTied(waiting, head)) || begin(head, notes);
    note.duration += head.duration;
    note.voice = head.voice;
    if (head.tiedToNext) waiting.push(note);
    if (waiting.length > maxOpenTies) throw new Declined(`Too many ties of ${head.pitch} are open at once.`);
    open.set(head.pitch, waiting);
  }
  return notes.map(({ pitch, onset, duration }) => ({ pitch, onset, duration })).sort(inOrder);
}

function begin({ pitch, onset, voice }: NoteHead, notes: OpenNote[]): OpenNote {
  const note = { pitch, onset, duration: 0, voice };
  notes.push(note);
  return note;
}

/** A tie stays in its voice where it can. */
function takeTied(waiting: OpenNote[], head: NoteHead): OpenNote | undefined {
  const fits = waiting.filter((note) => endOf(note) === head.onset);
  const note = fits.find(({ voice }) => voice === head.voice) ?? fits[0];
  if (note) waiting.splice(waiting.indexOf(note), 1);
  return note;
}

const endOf = ({ onset, duration }: Note): number => onset + duration;

const inOrder = (a: Note, b: Note): number =>
  a.onset - b.onset ||
  midiOf(a.pitch) - midiOf(b.pitch) ||
  (a.pitch < b.pitch ? -1 : Number(a.pitch > b.pitch)) ||
  a.duration - b.duration;
