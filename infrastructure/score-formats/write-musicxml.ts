import type { Measure, Part, Score } from "../../domain/music/score.ts";
import { midiOf } from "../../domain/music/spelling.ts";
import { type LaidMeasure, layOut } from "./written-layout.ts";
import { writeMeasure } from "./written-measure.ts";
import { xmlText } from "./xml-text.ts";

/**
 * The score as MusicXML 4.0, by parts. Notes are split at bar lines and into lengths that can be written, and tied.
 * @throws {Declined} for a pitch that cannot be written, and for a score that is far too large
 */
export function writeMusicXml(score: Score): string {
  const { title, composer, parts } = score;
  const { divisor, parts: laid } = layOut(score);
  const creator = composer ? `<creator type="composer">${xmlText(composer)}</creator>` : "";
  const list = parts.map(({ name }, index) => scorePart(name, index));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">',
    '<score-partwise version="4.0">',
    `<work><work-title>${xmlText(title)}</work-title></work>`,
    `<identification>${creator}<encoding><software>Dacapo</software></encoding></identification>`,
    `<part-list>${list.join("")}</part-list>`,
    ...parts.flatMap((part, index) => writePart(part, index, laid[index] ?? [], divisor)),
    "</score-partwise>",
    "",
  ].join("\n");
}

const scorePart = (name: string, index: number): string =>
  `<score-part id="P${index + 1}"><part-name>${xmlText(name)}</part-name></score-part>`;

function writePart(
  { notes }: Part,
  index: number,
  measures: readonly LaidMeasure[],
  divisor: number,
): string[] {
  const write = (laid: LaidMeasure, at: number) => {
    const content = writeMeasure(laid, at === 0 ? clefOf(notes) : undefined, divisor);
    return `<measure ${numberOf(laid.measure)}>${content}</measure>`;
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
