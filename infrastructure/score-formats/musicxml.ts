import { parse, type Part as RawPart, type Score as RawScore } from "musicxml-io";
import { shortened } from "../../domain/music/notation-text.ts";
import { type Measure, type Score, type TimeSignature, ticksPerQuarter } from "../../domain/music/score.ts";
import { checkMeasures, checkParts } from "./limits.ts";
import { measuresOf, type PartMeasure } from "./musicxml-part.ts";
import { joinTies } from "./ties.ts";
import { guardXml } from "./xml-guard.ts";

/** Characters of what is printed at a measure. */
const maxNumber = 20;

type PartMeasures = readonly PartMeasure[];

/**
 * Repeats are not played out, grace notes and cue notes are left out, and transposing instruments are read as they
 * sound. Where parts differ in their signatures, those of the first part hold.
 * @throws {Declined}
 */
export function readMusicXml(text: string): Score {
  guardXml(text);
  const raw = parse(text);
  checkParts(raw.parts.length);
  checkMeasures(Math.max(0, ...raw.parts.map((part) => part.measures.length)));
  const parts = raw.parts.map(measuresOf);
  const first = parts[0] ?? [];
  const measures = together(parts, first);
  const composer = raw.metadata.creators?.find(({ type }) => type === "composer")?.value;
  const tempos = parts.flatMap((part) => placed(part, measures, ({ tempos }) => tempos));
  return {
    title: shortened(raw.metadata.workTitle || raw.metadata.movementTitle || "Untitled"),
    ...(composer ? { composer: shortened(composer) } : {}),
    parts: parts.map((part, index) => ({
      name: nameOf(raw, raw.parts[index], index),
      notes: joinTies(placed(part, measures, ({ heads }) => heads)),
    })),
    measures,
    timeSignatures: withFirst(changes(placed(first, measures, ({ times }) => times))),
    keySignatures: changes(placed(first, measures, ({ keys }) => keys)),
    tempos: firstOfEach(tempos.sort((a, b) => a.onset - b.onset)),
  };
}

/** A measure is as long as the part that writes most of it; an empty one, as its time signature says. */
function together(parts: readonly PartMeasures[], first: PartMeasures): Measure[] {
  const measures: Measure[] = [];
  let onset = 0;
  let full = 4 * ticksPerQuarter;
  const count = Math.max(0, ...parts.map((part) => part.length));
  for (let index = 0; index < count; index += 1) {
    const time = first[index]?.times[0];
    if (time) full = (time.beats * 4 * ticksPerQuarter) / time.beatType;
    const written = Math.max(...parts.map((part) => part[index]?.length ?? 0));
    const number = parts.find((part) => part[index])?.[index]?.number ?? String(index + 1);
    measures.push({ number: shortened(number, maxNumber), onset, duration: written || full });
    onset += written || full;
  }
  return measures;
}

/** With onsets from the beginning of the score. */
function placed<Item extends { readonly onset: number }>(
  part: PartMeasures,
  measures: readonly Measure[],
  itemsOf: (measure: PartMeasure) => readonly Item[],
): Item[] {
  return part.flatMap((measure, index) =>
    itemsOf(measure).map((item) => ({ ...item, onset: item.onset + (measures[index]?.onset ?? 0) })),
  );
}

/** Without those that say again what holds already. */
function changes<Item extends { readonly onset: number }>(items: readonly Item[]): Item[] {
  const meaning = (item?: Item) => JSON.stringify({ ...item, onset: 0 });
  return items.filter((item, index) => index === 0 || meaning(item) !== meaning(items[index - 1]));
}

function firstOfEach<Item extends { readonly onset: number }>(items: readonly Item[]): Item[] {
  return items.filter((item, index) => index === 0 || item.onset !== items[index - 1]?.onset);
}

const withFirst = (times: readonly TimeSignature[]): TimeSignature[] =>
  times[0]?.onset === 0 ? [...times] : [{ onset: 0, beats: 4, beatType: 4 }, ...times];

function nameOf({ partList }: RawScore, part: RawPart | undefined, index: number): string {
  const entry = partList.find((listed) => listed.type === "score-part" && listed.id === part?.id);
  const name = entry?.type === "score-part" ? entry.name || entry.abbreviation : undefined;
  return shortened(name || `Part ${index + 1}`);
}
