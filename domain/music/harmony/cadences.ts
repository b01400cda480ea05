import type { Key } from "../key.ts";
import { type Score, ticksPerQuarter } from "../score.ts";
import { chordTypes } from "./chord-types.ts";
import { degreeOf } from "./roman.ts";
import type { ChordSpan } from "./spans.ts";

type CadenceType = "authentic" | "half" | "plagal" | "deceptive";

interface FoundCadence {
  readonly type: CadenceType;
  /** The index of the chord of arrival. */
  readonly index: number;
}

const shortestRest = 1.5 * ticksPerQuarter;
const measuresOfPhrase = 4;

/**
 * The cadences at the ends of phrases. A phrase ends with the score, and where the movement of all parts stops: for
 * at least twice as long as usual, and a quarter and a half. In a score that is made up of phrases of four measures, a V
 * or V–I in the last measure of a phrase ends it, too.
 */
export function findCadences(score: Score, spans: readonly ChordSpan[], key: Key): readonly FoundCadence[] {
  const stops = stopsOf(score);
  const closes = closesOf(score);
  return runsOf(spans).flatMap((run, index, runs) => {
    const before = spans[runs[index - 1]?.last ?? -1];
    const arrival = spans[run.last];
    const start = spans[run.first]?.start ?? 0;
    if (!before || !arrival) return [];
    const ends = index === runs.length - 1 || stops.some((stop) => stop >= start && stop < arrival.end);
    const closesPhrase = closes.some(({ onset, end }) => start >= onset && start < end && arrival.end >= end);
    const type = ends || closesPhrase ? cadenceType(before, arrival, key) : undefined;
    const isRegular = (type === "half" || type === "authentic") && arrival.inversion === 0;
    return type === undefined || !(ends || isRegular) ? [] : [{ type, index: run.first }];
  });
}

/** Indexes of the first and last span of each stretch on one chord, whatever its inversion and seventh. */
function runsOf(spans: readonly ChordSpan[]): readonly { readonly first: number; readonly last: number }[] {
  const runs: { first: number; last: number }[] = [];
  spans.forEach((span, index) => {
    const run = runs.at(-1);
    if (run && spans[run.last]?.root === span.root) run.last = index;
    else runs.push({ first: index, last: index });
  });
  return runs;
}

/** The onsets after which nothing begins for long. */
function stopsOf(score: Score): readonly number[] {
  const onsets = new Set(score.parts.flatMap(({ notes }) => notes.map(({ onset }) => onset)));
  const sorted = [...onsets].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((onset, index) => onset - (sorted[index] ?? onset));
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0;
  return sorted.filter((_, index) => (gaps[index] ?? 0) >= Math.max(2 * usual, shortestRest));
}

/**
 * The last measures of regular phrases; none where the measures do not make up two such phrases or more, and none
 * after an upbeat, for then the last beat may already belong to the next phrase.
 */
function closesOf({
  measures,
  timeSignatures,
}: Score): readonly { readonly onset: number; readonly end: number }[] {
  const [first, second] = measures;
  const hasUpbeat = first !== undefined && second !== undefined && first.duration < second.duration;
  const isRegular = measures.length >= 2 * measuresOfPhrase && measures.length % measuresOfPhrase === 0;
  if (hasUpbeat || !isRegular || timeSignatures.length > 1) return [];
  return measures
    .filter((_, index) => index % measuresOfPhrase === measuresOfPhrase - 1)
    .map(({ onset, duration }) => ({ onset, end: onset + duration }));
}

function cadenceType(before: ChordSpan, arrival: ChordSpan, key: Key): CadenceType | undefined {
  const from = degreeOf(before, key);
  const to = degreeOf(arrival, key);
  const isMajor = (span: ChordSpan) => span.kind === "major" || span.kind === "dom7";
  const fromDominant =
    (from === 7 && isMajor(before)) || (from === 11 && chordTypes[before.kind].mark !== "");
  if (to === 7 && isMajor(arrival)) return "half";
  if (to === 0 && arrival.inversion !== 2) {
    if (fromDominant) return "authentic";
    return from === 5 ? "plagal" : undefined;
  }
  if (fromDominant && to === (key.mode === "major" ? 9 : 8)) return "deceptive";
  return isMajor(before) && (from + 5) % 12 === to ? "authentic" : undefined;
}
