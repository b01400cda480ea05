import { summaryOf } from "../../domain/music/summary.ts";
import type { LibraryEvent } from "../../domain/score/library.ts";
import type { StoredScore, StoredScoreEvent } from "../../domain/score/stored-score.ts";
import { projection } from "./projection.ts";

/** Of the only document of its collection. */
export const libraryId = "library";

/** A score's document: ids are free again in the next epoch. */
export const storedScoreId = (epoch: number, scoreId: string): string => `${epoch}-${scoreId}`;

export const scores = projection<StoredScoreEvent>("scores", 1, {
  "score.added": ({ stored }) => ({ id: storedScoreId(stored.epoch, stored.scoreId), document: stored }),
});

/** What a listing says of a score, so that it need not read all notes there are. */
export interface ScoreSummary {
  readonly id: string;
  readonly title: string;
  readonly measures: number;
  readonly notes: number;
  readonly parts: number;
}

/** Sums up a stored score. */
export const scoreSummaryOf = ({ scoreId, score }: StoredScore): ScoreSummary => ({
  id: scoreId,
  ...summaryOf(score),
});

export const scoreSummaries = projection<StoredScoreEvent>("score_summaries", 1, {
  "score.added": ({ stored }) => ({
    id: storedScoreId(stored.epoch, stored.scoreId),
    document: scoreSummaryOf(stored),
    indexes: { epoch: String(stored.epoch) },
  }),
});

export const library = projection<LibraryEvent>("library", 1, {
  "library.reset": (data) => ({ id: libraryId, document: data.library }),
});
