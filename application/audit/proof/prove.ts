import { leafHash, leafText } from "../../../domain/audit/leaf.ts";
import { inclusionRanges, isSameHash, rootByInclusion } from "../../../domain/audit/merkle.ts";
import { type Proof, parseLeaf } from "../../../domain/audit/proof.ts";
import type { NoteVerifier } from "../../ports/checkpoint-keys.ts";
import type { Checkpoints } from "../../ports/checkpoints.ts";
import type { EventStore, StoredEvent } from "../../ports/event-store.ts";
import type { KeptLeaf, KeptLeaves } from "../../ports/kept-leaves.ts";
import { newestCheckpoint, openCheckpoint, type Signed } from "./checkpoint.ts";
import { frontierOf } from "./kept-tree.ts";

export interface ProveDependencies {
  readonly store: Pick<EventStore, "logId">;
  readonly leaves: KeptLeaves;
  readonly checkpoints: Checkpoints;
  readonly keys: NoteVerifier;
}

/** Why an event cannot be proven, in a sentence without a full stop. */
export class CannotProve extends Error {
  override readonly name = "CannotProve";
}

/** The leaf that is kept of what stands at a position; both grow together. */
async function leafAt(leaves: KeptLeaves, position: bigint): Promise<KeptLeaf | undefined> {
  let [from, to] = [0, await leaves.size()];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const [leaf] = await leaves.read(middle, 1);
    if (leaf && leaf.position < position) from = middle + 1;
    else to = middle;
  }
  const [leaf] = await leaves.read(from, 1);
  return leaf?.position === position ? leaf : undefined;
}

/**
 * Whether the event, as it is stored, holds hashes of passwords or secrets, or keys that the master key opens: a proof of
 * it, which holds it whole, is for few eyes, and outlasts an erasure.
 */
export const holdsSecrets = ({ type }: Pick<StoredEvent, "type">): boolean =>
  /^(?:user|subject_key|signing_keys|client|resource)\./.test(type);

const notCovered =
  "no checkpoint covers this event yet; one is signed on a schedule, and at once by dacapo audit checkpoint";

/** Proves that an event is in the tree of the newest checkpoint. @throws {CannotProve} @throws {CannotSign} @throws {Unavailable} */
export async function proveEvent(dependencies: ProveDependencies, event: StoredEvent): Promise<Proof> {
  const { store, leaves, checkpoints, keys } = dependencies;
  const kept = await leafAt(leaves, event.position);
  const newest = await newestCheckpoint(checkpoints, keys, store.logId);
  if (!kept || !newest || kept.index >= newest.checkpoint.size) throw new CannotProve(notCovered);
  const { index } = kept;
  const leaf = leafText(index, event);
  if (!isSameHash(leafHash(leaf), kept.hash))
    throw new CannotProve("the event is not what was kept of it; dacapo audit verify tells more");
  const { size, root } = newest.checkpoint;
  const hashes = [];
  for (const range of inclusionRanges(index, size)) hashes.push((await frontierOf(leaves, range)).root());
  const proven = rootByInclusion(kept.hash, index, size, hashes);
  if (!proven || !isSameHash(proven, root))
    throw new CannotProve("the kept leaves are not what was signed; dacapo audit verify tells more");
  return { leaf, index, hashes, note: newest.note };
}

/** What a proof proves: an event, and the checkpoint that it is under. */
export interface Proven {
  readonly event: NonNullable<ReturnType<typeof parseLeaf>>["event"];
  readonly checkpoint: Signed["checkpoint"];
}

/** Checks a proof by nothing but the key, under whose name the checkpoint must be. @throws {CannotProve} where it does not hold */
export function checkProof({ leaf, index, hashes, note }: Proof, keys: NoteVerifier, origin: string): Proven {
  const signed = openCheckpoint(note, keys, origin);
  if (!signed) throw new CannotProve("its checkpoint is not signed by this key, or is one of another log");
  const { checkpoint } = signed;
  const root = rootByInclusion(leafHash(leaf), index, checkpoint.size, hashes);
  if (!root || !isSameHash(root, checkpoint.root))
    throw new CannotProve("the event is not in the tree of its checkpoint, or was changed");
  const parsed = parseLeaf(leaf);
  if (parsed?.index !== index) throw new CannotProve("what it proves is no event at its place");
  return { event: parsed.event, checkpoint };
}
