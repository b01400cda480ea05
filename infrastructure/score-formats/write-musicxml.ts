import { type Measure, type Part, type Score, ticksPerQuarter } from "../../domain/music/score.ts";
import { midiOf } from "../../domain/music/spelling.ts";
import { writeMeasure } from "./written-measure.ts";
import { eventsByMeasure } from "./written-signatures.ts";
import { segmentsByVoice } from "./written-voices.ts";
import { xmlText } from "./xml-text.ts";

/**
 * The score as MusicXML 4.0, by parts. Notes are split at bar lines and into lengths that can be written, and tied.
 * @throws {Declined} for a pitch that cannot be written, and for a score that is far too large
 */
export function writeMusicXml(score: Score): string {
  const { title, composer, parts } = score;
  const divisor = divisorOf(score);
  const creator = composer ? `<creator type="composer">${xmlText(composer)}</creator>` : "";
  const list = parts.map(({ name }, index) => scorePart(name, index));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">',
    '<score-partwise version="4.0">',
    `<work><work-title>${xmlText(title)}</work-title></work>`,
    `<identification>${creator}<encoding><software>Dacapo</software></encoding></identification>`,
    `<part-list>${list.join("")}</part-list>`,
    ...parts.flatMap((part, index) => writePart(part, index, score, divisor)),
    "</score-partwise>",
    "",
  ].join("\n");
}

const scorePart = (name: string, index: number): string =>
  `<score-part id="P${index + 1}"><part-name>${xmlText(name)}</part-name></score-part>`;

function writePart({ notes }: Part, index: number, score: Score, divisor: number): string[] {
  const { measures, timeSignatures: times, keySignatures: keys } = score;
  const events = eventsByMeasure(measures, { times, keys, tempos: index === 0 ? score.tempos : [] });
  const voices = segmentsByVoice(notes, measures);
  const write = (measure: Measure, at: number) => {
    const content = {
      measure,
      voices: voices.map((voice) => voice[at] ?? []),
      events: events[at] ?? [],
      clef: at === 0 ? clefOf(notes) : undefined,
    };
    return `<measure ${numberOf(measure)}>${writeMeasure(content, ticksPerQuarter / divisor, divisor)}</measure>`;
  };
  return [`<part id="P${index + 1}">`, ...measures.map(write), "</part>"];
}

const numberOf = ({ number }: Measure): string =>
  `number="${xmlText(number)}"${number === "0" ? ' implicit="yes"' : ""}`;

function clefOf(notes: Part["notes"]): string {
  const mean = notes.reduce((sum, { pitch }) => sum + midiOf(pitch), 0) / Math.max(1, notes.length);
  const [sign, line] = notes.length > 0 && mean < 58 ? ["F", 4] : ["G", 2];
  return `<clef><sign>${sign}</sign><line>${line}</line></clef>`;
}

/** Ticks in a division: as many as all lengths of the score are multiples of. */
function divisorOf({ parts, measures, keySignatures, timeSignatures, tempos }: Score): number {
  let divisor = ticksPerQuarter;
  const include = (ticks: number) => {
    divisor = greatestCommonDivisor(divisor, ticks);
  };
  for (const { onset, duration } of [...measures, ...parts.flatMap(({ notes }) => notes)]) {
    include(onset);
    include(duration);
  }
  for (const { onset } of [...keySignatures, ...timeSignatures, ...tempos]) include(onset);
  return divisor;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
