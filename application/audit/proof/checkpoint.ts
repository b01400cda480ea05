import {
  type Checkpoint,
  checkpointText,
  noteHash,
  originOf,
  parseCheckpoint,
} from "../../../domain/audit/checkpoint.ts";
import { isSameHash } from "../../../domain/audit/merkle.ts";
import { parseNote } from "../../../domain/audit/note.ts";
import type { CheckpointKeys, NoteVerifier } from "../../ports/checkpoint-keys.ts";
import type { Checkpoints } from "../../ports/checkpoints.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EventStore } from "../../ports/event-store.ts";
import { type KeepDependencies, keepLeaves } from "./keep-leaves.ts";
import { rootAt } from "./kept-tree.ts";

export interface CheckpointDependencies extends KeepDependencies {
  readonly store: Pick<EventStore, "logId" | "readAll" | "lastPosition">;
  readonly checkpoints: Checkpoints;
  readonly keys: CheckpointKeys;
  readonly clock: Pick<Clock, "now">;
  /** Told, in a sentence without a full stop, what a person should know of. */
  readonly warn: (message: string) => void;
}

/** A checkpoint whose signature was verified, and its note. */
export interface Signed {
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

/** What is to be signed does not go on from what was signed: a log must not sign that (C2SP tlog-checkpoint). */
export class CannotSign extends Error {
  override readonly name = "CannotSign";
}

/** The checkpoint that a note is; undefined where it is none of this log, or was signed by nobody who is trusted. */
export function openCheckpoint(note: string, keys: NoteVerifier, origin: string): Signed | undefined {
  const signed = parseNote(note);
  const checkpoint = signed && parseCheckpoint(signed.text);
  const isOurs = checkpoint?.origin === origin && keys.isSigned(signed as NonNullable<typeof signed>);
  return isOurs ? { checkpoint, note } : undefined;
}

/** The newest checkpoint of a log; undefined where there is none. @throws {CannotSign} where it is not what was signed */
export async function newestCheckpoint(
  checkpoints: Checkpoints,
  keys: NoteVerifier,
  logId: string,
): Promise<Signed | undefined> {
  const number = await checkpoints.newest();
  const note = await checkpoints.read(number);
  if (note === undefined) return undefined;
  const signed = openCheckpoint(note, keys, originOf(logId));
  if (signed?.checkpoint.number === number) return signed;
  throw new CannotSign(`checkpoint ${number} is not what was signed; dacapo audit verify tells more`);
}

/** Why another log's checkpoints beside those of this one are a matter for a person. */
export const otherLogs = (ids: readonly string[]): string =>
  `the checkpoints of another log (${ids.join(", ")}) are kept in the same folder: unless you put them there, the log was exchanged or its id was changed. Nothing is signed until that folder is put away`;

/** @throws {CannotSign} where the leaves that are kept are not those that the newest checkpoint covers */
async function requireGrowth(
  { leaves }: CheckpointDependencies,
  { checkpoint: { number, size, root } }: Signed,
  now: number,
): Promise<void> {
  const isSame = size <= now && isSameHash(await rootAt(leaves, size), root);
  if (isSame) return;
  throw new CannotSign(
    `the kept leaves are not those that checkpoint ${number} covers; dacapo audit verify tells more`,
  );
}

/**
 * Takes in what the log got, and signs the head of the tree where it grew since the newest checkpoint. Of processes that
 * do so at once one writes. Answers of the newest checkpoint then; undefined where the log is empty.
 * @throws {CannotSign} @throws {Unavailable}
 */
export async function makeCheckpoint(
  dependencies: CheckpointDependencies,
  signal?: AbortSignal,
): Promise<(Signed & { readonly isNew: boolean }) | undefined> {
  const { store, leaves, checkpoints, keys, clock, warn } = dependencies;
  const others = await checkpoints.others();
  if (others.length > 0) throw new CannotSign(otherLogs(others));
  // First: what another process signs meanwhile may cover more than is taken in here.
  const newest = await newestCheckpoint(checkpoints, keys, store.logId);
  const { size, fault } = await keepLeaves(dependencies, signal);
  if (fault !== undefined) throw new CannotSign(fault);
  if (newest) await requireGrowth(dependencies, newest, size);
  if (signal?.aborted || size === (newest?.checkpoint.size ?? 0))
    return newest && { ...newest, isNew: false };
  const checkpoint: Checkpoint = {
    origin: originOf(store.logId),
    size,
    root: await rootAt(leaves, size),
    number: (newest?.checkpoint.number ?? 0) + 1,
    // The clock may have stepped back.
    time: Math.max(clock.now(), newest?.checkpoint.time ?? 0),
    previous: newest && noteHash(newest.note),
  };
  const note = keys.sign(checkpointText(checkpoint));
  if (await checkpoints.write(checkpoint.number, note)) {
    if (!newest) warn("the first checkpoint was signed: the proof of this log begins here");
    return { checkpoint, note, isNew: true };
  }
  const winner = await newestCheckpoint(checkpoints, keys, store.logId);
  return winner && { ...winner, isNew: false };
}
