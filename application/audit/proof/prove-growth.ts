import type { Checkpoint } from "../../../domain/audit/checkpoint.ts";
import { originOf } from "../../../domain/audit/checkpoint.ts";
import { consistencyRanges, isGrownFrom } from "../../../domain/audit/consistency.ts";
import { notesIn } from "../../../domain/audit/note.ts";
import type { GrowthProof } from "../../../domain/audit/proof.ts";
import type { NoteVerifier } from "../../ports/checkpoint-keys.ts";
import { newestCheckpoint, openCheckpoint } from "./checkpoint.ts";
import { frontierOf } from "./kept-tree.ts";
import { CannotProve, type ProveDependencies } from "./prove.ts";

/** The last checkpoint of a text that holds one or several. @throws {CannotProve} where no key signed it */
function lastOf(text: string, keys: NoteVerifier, origin: string): Checkpoint {
  const signed = openCheckpoint(notesIn(text).at(-1) ?? "", keys, origin);
  if (!signed) throw new CannotProve("the earlier checkpoint is not signed by a key of this log");
  return signed.checkpoint;
}

const isAnother = "the log is not the one any more that the earlier checkpoint is of";

/**
 * Proves that the tree of the newest checkpoint grew out of that of an earlier one: nothing before it was changed.
 * @param earlier a checkpoint that somebody kept, or several, of which the last counts
 * @throws {CannotProve} @throws {CannotSign} @throws {Unavailable}
 */
export async function proveGrowth(
  { store, leaves, checkpoints, keys }: ProveDependencies,
  earlier: string,
): Promise<GrowthProof> {
  const old = lastOf(earlier, keys, originOf(store.logId));
  const newest = await newestCheckpoint(checkpoints, keys, store.logId);
  if (!newest || newest.checkpoint.size < old.size) throw new CannotProve(isAnother);
  const hashes = [];
  for (const range of consistencyRanges(old.size, newest.checkpoint.size))
    hashes.push((await frontierOf(leaves, range)).root());
  if (!isGrownFrom(old, newest.checkpoint, hashes)) throw new CannotProve(isAnother);
  return { old: old.size, hashes, note: newest.note };
}

/** Checks a proof of growth by the earlier checkpoint and the key alone. @throws {CannotProve} where it does not hold */
export function checkGrowth(
  { old, hashes, note }: GrowthProof,
  earlier: string,
  keys: NoteVerifier,
  origin: string,
): { readonly earlier: Checkpoint; readonly later: Checkpoint } {
  const before = lastOf(earlier, keys, origin);
  const later = openCheckpoint(note, keys, origin)?.checkpoint;
  if (!later) throw new CannotProve("its checkpoint is not signed by this key, or is one of another log");
  if (before.size !== old) throw new CannotProve("it is about another checkpoint than the earlier one");
  if (!isGrownFrom(before, later, hashes))
    throw new CannotProve("the later tree does not begin with the leaves of the earlier one");
  return { earlier: before, later };
}
