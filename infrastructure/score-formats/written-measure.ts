import type { Measure } from "../../domain/music/score.ts";
import { type Line, writeLine } from "./written-notes.ts";
import { attributesOf, directionOf, type ScoreEvent } from "./written-signatures.ts";
import type { Segment } from "./written-voices.ts";

interface MeasureToWrite {
  readonly measure: Measure;
  /** By voice. */
  readonly voices: readonly (readonly Segment[])[];
  readonly events: readonly ScoreEvent[];
  /** Where the part begins. */
  readonly clef: string | undefined;
}

/** The content of a `<measure>`; `divisions` is how many make up a quarter note, `divisor` ticks each. */
export function writeMeasure(content: MeasureToWrite, divisions: number, divisor: number): string {
  const { onset, duration } = content.measure;
  const [main = [], ...others] = content.voices;
  const written = [
    writeEvents(content, divisions, divisor),
    writeLine(mainLine(main, content.measure), divisor),
  ];
  let position = onset + duration;
  for (const [index, segments] of others.entries()) {
    const last = segments.at(-1);
    if (!last) continue;
    const line = { voice: index + 2, segments, from: onset, gaps: "skipped" } as const;
    written.push(move("backup", position - onset, divisor), writeLine(line, divisor));
    position = last.onset + last.duration;
  }
  return written.join("");
}

const mainLine = (segments: readonly Segment[], { onset, duration }: Measure): Line => ({
  voice: 1,
  segments,
  from: onset,
  gaps: "rests",
  until: onset + duration,
});

/** What is not at the beginning of the measure comes before its notes too, behind a forward. */
function writeEvents({ measure, events, clef }: MeasureToWrite, divisions: number, divisor: number): string {
  const first = events.filter(({ onset }) => onset <= measure.onset);
  const signatures = first.map(attributesOf).join("");
  const later = events.filter(({ onset }) => onset > measure.onset);
  // Readers take the first attributes of a measure for its beginning, wherever they are.
  const attributes = signatures !== "" || clef !== undefined || later.some((event) => !event.tempo);
  const written = attributes
    ? [`<attributes><divisions>${divisions}</divisions>${signatures}${clef ?? ""}</attributes>`]
    : [];
  written.push(...first.map(({ tempo }) => (tempo ? directionOf(tempo) : "")));
  let position = measure.onset;
  for (const event of later) {
    written.push(move("forward", event.onset - position, divisor));
    position = event.onset;
    written.push(event.tempo ? directionOf(event.tempo) : `<attributes>${attributesOf(event)}</attributes>`);
  }
  written.push(move("backup", position - measure.onset, divisor));
  return written.join("");
}

const move = (way: "backup" | "forward", ticks: number, divisor: number): string =>
  ticks === 0 ? "" : `<${way}><duration>${ticks / divisor}</duration></${way}>`;
