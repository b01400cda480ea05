import { isSameHash } from "../../../domain/audit/merkle.ts";
import type { KeptLeaves } from "../../ports/kept-leaves.ts";
import { openCheckpoint, otherLogs, type Signed } from "../proof/checkpoint.ts";
import { rootAt } from "../proof/kept-tree.ts";
import { type ChainDependencies, checkChain, checkMarks, checkTrusted } from "./checkpoints.ts";
import type { Findings } from "./findings.ts";
import { type Claim, nameOf } from "./roots.ts";

/** The checkpoint that was verified last, where it still stands and its leaves are still those; undefined otherwise. */
export async function verifiedBefore(
  { checkpoints, keys, origin }: ChainDependencies,
  leaves: KeptLeaves,
): Promise<Signed | undefined> {
  const note = await checkpoints.marked("verified");
  const signed = note === undefined ? undefined : openCheckpoint(note, keys, origin);
  if (!signed || signed.checkpoint.size > (await leaves.size())) return undefined;
  if ((await checkpoints.read(signed.checkpoint.number)) !== note) return undefined;
  const root = await rootAt(leaves, signed.checkpoint.size).catch(() => undefined);
  return root && isSameHash(root, signed.checkpoint.root) ? signed : undefined;
}

/** Compares the checkpoints outside that cover no more than what was verified before. */
async function checkEarlier(leaves: KeptLeaves, claims: readonly Claim[], findings: Findings) {
  for (const claim of claims) {
    const { size, root } = claim.checkpoint;
    if (isSameHash(await rootAt(leaves, size), root)) continue;
    findings.add({
      what: "trusted",
      message: `${nameOf(claim)} has another root than the first ${size} leaves`,
    });
  }
}

/** What checkpoints say, of here and of the copy outside. */
export interface Claims {
  /** By size: to be compared with the leaves from where the verification begins. */
  readonly ahead: readonly Claim[];
  /** How many were compared already, as they cover less. */
  readonly compared: number;
}

/** Checks every checkpoint after one that was verified before, and all of those outside, by themselves. */
export async function collectClaims(
  chain: ChainDependencies,
  leaves: KeptLeaves,
  before: Signed | undefined,
  trusted: string | undefined,
): Promise<Claims> {
  const from = before?.checkpoint.size ?? 0;
  await checkMarks(chain);
  const others = await chain.checkpoints.others();
  if (others.length > 0) chain.findings.add({ what: "checkpoint", message: otherLogs(others) });
  const outside = trusted === undefined ? [] : await checkTrusted(chain, trusted);
  const earlier = outside.filter(({ checkpoint }) => checkpoint.size < from);
  await checkEarlier(leaves, earlier, chain.findings);
  const later = outside.filter(({ checkpoint }) => checkpoint.size >= from);
  const ahead = [...(await checkChain(chain, before)), ...later].toSorted(
    (one, other) => one.checkpoint.size - other.checkpoint.size,
  );
  return { ahead, compared: earlier.length };
}
