import { library as pieces } from "../../domain/music/library/index.ts";
import { Declined, type Score } from "../../domain/music/score.ts";
import { summaryOf } from "../../domain/music/summary.ts";
import { firstLibrary } from "../../domain/score/library.ts";
import { isScoreId } from "../../domain/score/stored-score.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { type ScoreSummary, storedScoreId } from "../projections/scores.ts";

type Dependencies = Pick<Context, "documents">;

/** A score that can be worked with. `key` differs from that of every other score there ever was. */
export interface FoundScore {
  readonly scoreId: string;
  readonly key: string;
  readonly score: Score;
}

/** More scores than may be added between two resets. */
export const maxAdded = 200;

/** The epoch that scores are added to now. */
export async function currentEpoch({ documents }: Dependencies): Promise<number> {
  const [{ epoch } = firstLibrary] = await documents.load([ref.library()]);
  return epoch;
}

/** Whether a piece of the library that is there from the start has this id. */
export const isInLibrary = (scoreId: string): boolean => pieces.has(scoreId);

/** The piece of this id that is there from the start; undefined where there is none. */
export const pieceOf = (scoreId: string): Score | undefined => pieces.get(scoreId);

/** @throws {Declined} where there is no such score */
export async function findScore({ documents }: Dependencies, scoreId: string): Promise<FoundScore> {
  const piece = pieces.get(scoreId);
  if (piece) return { scoreId, key: scoreId, score: piece };
  const unknown = new Declined(`Score with ID '${scoreId}' not found`);
  if (!isScoreId(scoreId)) throw unknown;
  const id = storedScoreId(await currentEpoch({ documents }), scoreId);
  const [stored] = await documents.load([ref.score(id)]);
  if (!stored) throw unknown;
  return { scoreId, key: id, score: stored.score };
}

/** What was added in an epoch of the library. @throws {Unavailable} */
export const addedScores = ({ documents }: Dependencies, epoch: number): Promise<readonly ScoreSummary[]> =>
  // Some more where they were added at once.
  documents.list(ref.scoreSummary, { index: ["epoch", String(epoch)], limit: 2 * maxAdded });

/** All scores there are now, by id. @throws {Unavailable} */
export async function listScores(dependencies: Dependencies): Promise<readonly ScoreSummary[]> {
  const fromStart = [...pieces].map(([id, score]) => ({ id, ...summaryOf(score) }));
  const all = [...fromStart, ...(await addedScores(dependencies, await currentEpoch(dependencies)))];
  return all.sort((one, other) => (one.id < other.id ? -1 : 1));
}
