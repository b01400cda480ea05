import type { KeySignature, Measure, Score, Tempo, TimeSignature } from "../../domain/music/score.ts";
import { xmlText } from "./xml-text.ts";

/** What is written between notes. */
export interface ScoreEvent {
  /** Ticks from the beginning of the score. */
  readonly onset: number;
  readonly key?: KeySignature;
  readonly time?: TimeSignature;
  readonly tempo?: Tempo;
}

interface Signatures {
  readonly times: Score["timeSignatures"];
  readonly keys: Score["keySignatures"];
  readonly tempos: Score["tempos"];
}

/** In the order in which they are written: key, time, tempo. */
export function eventsByMeasure(
  measures: readonly Measure[],
  { times, keys, tempos }: Signatures,
): ScoreEvent[][] {
  const events: ScoreEvent[] = [
    ...keys.map((key) => ({ onset: key.onset, key })),
    ...times.map((time) => ({ onset: time.onset, time })),
    ...tempos.map((tempo) => ({ onset: tempo.onset, tempo })),
  ].sort((a, b) => a.onset - b.onset);
  let next = 0;
  return measures.map(({ onset, duration }) => {
    const from = next;
    while ((events[next]?.onset ?? Number.POSITIVE_INFINITY) < onset + duration) next += 1;
    return events.slice(from, next);
  });
}

/** The content of `<attributes>` for a key or a time signature; nothing for a tempo. */
export function attributesOf({ key, time }: ScoreEvent): string {
  const mode = key?.mode ? `<mode>${key.mode}</mode>` : "";
  if (key) return `<key><fifths>${key.fifths}</fifths>${mode}</key>`;
  if (time) return `<time><beats>${time.beats}</beats><beat-type>${time.beatType}</beat-type></time>`;
  return "";
}

export function directionOf({ bpm, text }: Tempo): string {
  const words = text ? `<direction-type><words>${xmlText(text)}</words></direction-type>` : "";
  const metronome = `<metronome><beat-unit>quarter</beat-unit><per-minute>${bpm}</per-minute></metronome>`;
  return `<direction placement="above">${words}<direction-type>${metronome}</direction-type><sound tempo="${bpm}"/></direction>`;
}
