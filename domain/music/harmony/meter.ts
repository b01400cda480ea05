import { type Score, type TimeSignature, ticksPerQuarter } from "../score.ts";
import { indexAt, timeSignatureAt } from "../timeline.ts";

interface MetricPlace {
  /** The tick at which the beat begins. */
  readonly beat: number;
  /** How strong the tick is as a place for a new harmony: 1 at the downbeat, 0.2 between beats. */
  readonly strength: number;
}

/** Where a tick stands in its measure. An upbeat is counted back from the bar line that ends it. */
export function metricPlace(score: Score, tick: number): MetricPlace {
  const index = Math.max(0, indexAt(score.measures, tick));
  const measure = score.measures[index] ?? { onset: 0, duration: 0 };
  const signature = timeSignatureAt(score, measure.onset);
  const full = (signature.beats * 4 * ticksPerQuarter) / signature.beatType;
  const missing = index === 0 ? Math.max(0, full - measure.duration) : 0;
  const unit = beatOf(signature);
  const place = tick - measure.onset + missing;
  const beat = Math.floor(place / unit) * unit;
  return {
    beat: Math.max(measure.onset, measure.onset - missing + beat),
    strength: strengthOf(place, unit, full),
  };
}

/** Ticks of a beat: three units in compound meters, and never longer than that or than a quarter in simple ones. */
function beatOf({ beats, beatType }: TimeSignature): number {
  const unit = (4 * ticksPerQuarter) / beatType;
  return beats > 3 && beats % 3 === 0 && beatType >= 8 ? unit * 3 : Math.min(unit, ticksPerQuarter);
}

function strengthOf(place: number, unit: number, full: number): number {
  if (place === 0) return 1;
  if (place % unit !== 0) return 0.2;
  return (full / unit) % 2 === 0 && place * 2 === full ? 0.7 : 0.4;
}
