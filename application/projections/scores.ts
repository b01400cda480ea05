import type { LibraryEvent } from "../../domain/score/library.ts";
import type { StoredScoreEvent } from "../../domain/score/stored-score.ts";
import { projection } from "./projection.ts";

/** Of the only document of its collection. */
export const libraryId = "library";

/** A score's document: ids are free again in the next epoch. */
export const storedScoreId = (epoch: number, scoreId: string): string => `${epoch}-${scoreId}`;

export const scores = projection<StoredScoreEvent>("scores", 1, {
  "score.added": ({ stored }) => ({
    id: storedScoreId(stored.epoch, stored.scoreId),
    document: stored,
    indexes: { epoch: String(stored.epoch) },
  }),
});

export const library = projection<LibraryEvent>("library", 1, {
  "library.reset": (data) => ({ id: libraryId, document: data.library }),
});
