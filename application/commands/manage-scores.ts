import { Declined, type Score } from "../../domain/music/score.ts";
import { type Library, libraryDecider } from "../../domain/score/library.ts";
import {
  type AddScore,
  isScoreId,
  type Origin,
  storedScoreDecider,
} from "../../domain/score/stored-score.ts";
import type { Context } from "../context.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { storedScoreId } from "../projections/scores.ts";
import { addedScores, currentEpoch, isInLibrary, maxAdded } from "../queries/scores.ts";
import { streams } from "../streams.ts";
import { confirmVisible } from "./confirm.ts";

/** Characters of a score as JSON: an event must stay below 1 MB in every event store. */
const maxLength = 700_000;

/**
 * Adds a score to the library under an id that is free.
 * @throws {Declined} where the id is taken or cannot be one, or there is no room
 */
export async function addScore(
  context: Context,
  { scoreId, score, origin }: { readonly scoreId: string; readonly score: Score; readonly origin: Origin },
  metadata: EventMetadata,
): Promise<void> {
  const { handle, clock, visibility, policy } = context;
  if (!isScoreId(scoreId))
    throw new Declined("A score ID has 1 to 64 letters, digits, dots, underscores and hyphens");
  const taken = new Declined(`Score with ID '${scoreId}' already exists`);
  if (isInLibrary(scoreId)) throw taken;
  if (JSON.stringify(score).length > maxLength) throw new Declined("The score is too large to be kept");
  const epoch = await currentEpoch(context);
  if ((await addedScores(context, epoch)).length >= maxAdded)
    throw new Declined(`The library is full: ${maxAdded} scores were added; an administrator may reset it`);
  const { answer: isAdded, position } = await handle({
    stream: streams.score(storedScoreId(epoch, scoreId)),
    decider: storedScoreDecider,
    command: (): AddScore => ({
      type: "add",
      stored: { scoreId, epoch, origin, addedAt: clock.now(), score },
    }),
    metadata,
  });
  if (!isAdded) throw taken;
  await visibility.wait(position, policy.issuanceVisibilityLimit);
}

/** Begins the library anew: what was added is there no more, only in the log. @throws {Unavailable} */
export async function resetLibrary(context: Context, metadata: EventMetadata): Promise<Library> {
  const { answer, position } = await context.handle({
    stream: streams.library,
    decider: libraryDecider,
    command: () => ({ type: "reset" as const, now: context.clock.now() }),
    metadata,
  });
  await confirmVisible(context, position);
  return answer;
}
