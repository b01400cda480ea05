import { isSameHash } from "../../../domain/audit/merkle.ts";
import type { EventStore } from "../../ports/event-store.ts";
import { type KeptLeaves, type KeptNode, keptLevels } from "../../ports/kept-leaves.ts";
import type { VerifyScratch } from "../../ports/verify-scratch.ts";
import { frontierOf, positionAt } from "../proof/kept-tree.ts";
import type { Findings } from "./findings.ts";
import { type NamedArchive, noteRemovals } from "./removed.ts";
import { type Claim, createRoots, nameOf, type Roots } from "./roots.ts";
import { type ChangedLeaves, findMissing, findStrays } from "./strays.ts";
import { type Stray, type Walked, walk } from "./walk.ts";

export interface ScanDependencies {
  readonly store: Pick<EventStore, "readAll">;
  readonly leaves: KeptLeaves;
  readonly scratch: VerifyScratch;
  readonly findings: Findings;
  readonly signal: AbortSignal;
  /** Told how many leaves were looked at, of how many. */
  readonly progress: (done: number, total: number) => void;
}

/** What a scan has seen. */
export interface Scanned extends Walked {
  /** Leaves that there were. */
  readonly size: number;
  /** What became of the checkpoints. */
  readonly roots: Roots;
  /** Parts of the archive that the log names. */
  readonly archives: readonly NamedArchive[];
}

/** Entries of the log that are not what was kept, of which more is said than how many. */
const maxStrays = 1_000;

/** Before any position, also one that no store gives and only somebody who writes to its file. */
const beforeAll = -(2n ** 62n);

/** Says which nodes that were kept are not those of the leaves. */
async function checkNodes(leaves: KeptLeaves, nodes: readonly KeptNode[], findings: Findings): Promise<void> {
  for (const { level, number, hash } of nodes) {
    const [kept] = await leaves.hashes(level, number, 1).catch(() => []);
    if (kept && isSameHash(kept, hash)) continue;
    const [first, last] = [number * 2 ** level, (number + 1) * 2 ** level - 1];
    const message = `the node that is kept over leaves ${first} to ${last} is not theirs`;
    findings.add({ what: "node", message, leaf: first, lastLeaf: last });
  }
}

/** Says which checkpoints cover more than was looked at. */
function checkLength(roots: Roots, leaves: number, findings: Findings): void {
  for (const claim of roots.beyond()) {
    const { size } = claim.checkpoint;
    const message =
      size > leaves
        ? `${nameOf(claim)} covers ${size} leaves, and only ${leaves} are kept: what came after was cut off${claim.isTrusted ? ", which only the copy outside shows" : ""}`
        : `the root of ${nameOf(claim)} cannot be compared: leaves before it are gone`;
    findings.add({ what: claim.isTrusted ? "trusted" : "checkpoint", message });
  }
}

/** Compares log and leaves from this leaf on, the leaves with what checkpoints say, and says what is wrong with either. */
export async function scan(
  dependencies: ScanDependencies,
  from: number,
  claims: readonly Claim[],
): Promise<Scanned> {
  const { leaves, scratch, findings, progress } = dependencies;
  const size = await leaves.size();
  const nodes: KeptNode[] = [];
  const strays: Stray[] = [];
  const changed: ChangedLeaves[] = [];
  const archives: NamedArchive[] = [];
  let strayCount = 0;
  const frontier = await frontierOf(leaves, { start: 0, end: from }, (level, number, hash) => {
    if (keptLevels.includes(level)) nodes.push({ level, number, hash });
  });
  const roots = createRoots(frontier, claims, findings, (first, claim) =>
    changed.push({ from: first, claim }),
  );
  roots.begin();
  const walked = await walk(
    {
      ...{ ...dependencies, roots },
      sound(event) {
        const named = noteRemovals(event, scratch);
        if (named) archives.push(named);
      },
      stray(stray) {
        strayCount += 1;
        if (strays.length < maxStrays) strays.push(stray);
      },
      async paged(done) {
        if (strayCount === 0) await checkNodes(leaves, nodes, findings);
        nodes.length = 0;
        progress(done, size);
      },
    },
    from === 0 ? beforeAll : await positionAt(leaves, from),
    size,
  );
  const moved = findStrays(strays, changed, scratch, findings);
  const more = strayCount - strays.length;
  if (more > 0)
    findings.add({ what: "changed", message: `${more} more entries of the log are not what was kept` });
  findMissing(scratch, moved, walked.notYetKept === 0 ? size : undefined, findings);
  checkLength(roots, size, findings);
  return { ...walked, size, roots, archives };
}
