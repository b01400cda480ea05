import type { Score } from "./score.ts";
import { indexAt, timeSignatureAt } from "./timeline.ts";

export interface Section {
  readonly from_measure: string;
  readonly to_measure: string;
  readonly measures: number;
  /** Sharps, or flats below 0; null where no key signature is in force. */
  readonly key_signature: number | null;
  readonly time_signature: string;
}

/** The stretches of measures between one change of key or time signature and the next. */
export function sectionsOf(score: Score): readonly Section[] {
  const starts = startsOf(score);
  return starts.flatMap((start, index) => {
    const end = (starts[index + 1] ?? score.measures.length) - 1;
    const first = score.measures[start];
    const last = score.measures[end];
    if (!first || !last) return [];
    return [
      {
        from_measure: first.number,
        to_measure: last.number,
        measures: end - start + 1,
        key_signature: score.keySignatures[indexAt(score.keySignatures, first.onset)]?.fifths ?? null,
        time_signature: signatureAt(score, first.onset),
      },
    ];
  });
}

/** Indexes of the measures in which a signature differs from that of the measure before; always the first. */
function startsOf(score: Score): readonly number[] {
  const changes = [...score.keySignatures, ...score.timeSignatures];
  const candidates = new Set(changes.map(({ onset }) => Math.max(0, indexAt(score.measures, onset))));
  const signature = (index: number) => {
    const onset = score.measures[index]?.onset ?? 0;
    const key = score.keySignatures[indexAt(score.keySignatures, onset)];
    return `${key?.fifths} ${key?.mode} ${signatureAt(score, onset)}`;
  };
  return [
    0,
    ...[...candidates].sort((a, b) => a - b).filter((i) => i > 0 && signature(i) !== signature(i - 1)),
  ];
}

function signatureAt(score: Score, onset: number): string {
  const { beats, beatType } = timeSignatureAt(score, onset);
  return `${beats}/${beatType}`;
}
