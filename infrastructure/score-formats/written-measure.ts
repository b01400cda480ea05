import { ticksPerQuarter } from "../../domain/music/score.ts";
import type { LaidMeasure } from "./written-layout.ts";
import { writeLine } from "./written-notes.ts";
import { attributesOf, directionOf } from "./written-signatures.ts";

/** The content of a `<measure>`, with a clef where the part begins; `divisor` is the ticks in a division. */
export function writeMeasure(laid: LaidMeasure, clef: string | undefined, divisor: number): string {
  const { onset } = laid.measure;
  const written = [writeEvents(laid, clef, divisor)];
  let position = onset;
  for (const { voice, signs, end } of laid.lines) {
    written.push(move("backup", position - onset, divisor), writeLine(signs, voice, divisor));
    position = end;
  }
  return written.join("");
}

/** What is not at the beginning of the measure comes before its notes too, behind a forward. */
function writeEvents({ measure, events }: LaidMeasure, clef: string | undefined, divisor: number): string {
  const first = events.filter(({ onset }) => onset <= measure.onset);
  const signatures = first.map(attributesOf).join("");
  const later = events.filter(({ onset }) => onset > measure.onset);
  // Readers take the first attributes of a measure for its beginning, wherever they are.
  const attributes = signatures !== "" || clef !== undefined || later.some((event) => !event.tempo);
  const written = attributes
    ? [
        `<attributes><divisions>${ticksPerQuarter / divisor}</divisions>${signatures}${clef ?? ""}</attributes>`,
      ]
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
