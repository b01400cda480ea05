import { leafHash, leafName, leafText } from "../../../domain/audit/leaf.ts";
import { isSameHash } from "../../../domain/audit/merkle.ts";
import { BrokenEvent, type StoredEvent } from "../../ports/event-store.ts";
import type { KeptLeaf } from "../../ports/kept-leaves.ts";
import type { VerifyScratch } from "../../ports/verify-scratch.ts";
import { type Finding, type Findings, placeOf } from "./findings.ts";
import { type Claim, nameOf } from "./roots.ts";
import type { Stray } from "./walk.ts";

/** Where the leaves were changed and not the log: from this leaf up to where a checkpoint says so. */
export interface ChangedLeaves {
  readonly from: number;
  readonly claim: Claim;
}

/** The leaf that an event was kept as, elsewhere. */
function homeOf(event: StoredEvent, scratch: VerifyScratch): KeptLeaf | undefined {
  const leaf = scratch.find(leafName(event));
  const isSame = leaf && isSameHash(leafHash(leafText(leaf.index, event)), leaf.hash);
  return isSame ? leaf : undefined;
}

/** What a stray event is. */
function judge({ entry, leaf }: Stray, home: KeptLeaf | undefined): Finding {
  if (entry instanceof BrokenEvent) {
    const { position, stream, revision, message } = entry;
    return { what: "unreadable", message, leaf: leaf?.index, position, stream, revision };
  }
  const place = { ...placeOf(entry), leaf: leaf?.index };
  const here = `at position ${entry.position}`;
  if (home)
    return {
      what: "moved",
      message: `the event that stands ${here} is the one of leaf ${home.index}, which was kept at position ${home.position}`,
      ...place,
    };
  if (!leaf)
    return { what: "inserted", message: `the event ${here} was inserted: no leaf of it is kept`, ...place };
  const isOwn = Buffer.compare(leafName(entry), leaf.name) === 0;
  const message = isOwn
    ? `the event ${here} was changed: it is not what leaf ${leaf.index} was made of`
    : `another event stands ${here} than the one of leaf ${leaf.index}`;
  return { what: "changed", message, ...place };
}

const changedLeaf = (leaf: KeptLeaf, claim: Claim): Finding => ({
  what: "leaf",
  message: `kept leaf ${leaf.index} was changed; the event is what ${nameOf(claim)} covers`,
  leaf: leaf.index,
  position: leaf.position,
});

/** Says what the strays are. Answers of the leaves whose events are there, in another place. */
export function findStrays(
  strays: readonly Stray[],
  changed: readonly ChangedLeaves[],
  scratch: VerifyScratch,
  findings: Findings,
): ReadonlySet<number> {
  const moved = new Set<number>();
  for (const stray of strays) {
    const { entry, leaf } = stray;
    const culprit =
      leaf &&
      changed.find(({ from, claim }) => leaf.index >= from && leaf.index < claim.checkpoint.size)?.claim;
    const home = entry instanceof BrokenEvent ? undefined : homeOf(entry, scratch);
    if (home && !culprit) moved.add(home.index);
    findings.add(leaf && culprit ? changedLeaf(leaf, culprit) : judge(stray, home));
  }
  return moved;
}

function missingRun(first: KeptLeaf, last: KeptLeaf, isTruncated: boolean): Finding {
  const which = first.index === last.index ? `leaf ${first.index}` : `leaves ${first.index} to ${last.index}`;
  const whose = `${which}, from position ${first.position}`;
  return {
    what: isTruncated ? "truncated" : "missing",
    message: isTruncated
      ? `the log was cut: it ends before the events of ${whose}, and nothing says that they were removed`
      : `the log holds no event of ${whose}, and nothing says that it was removed`,
    leaf: first.index,
    lastLeaf: last.index,
    position: first.position,
  };
}

/** Says which leaves have no event any more, neighbours together. `end`: how many leaves there are, where the log ends before. */
export function findMissing(
  scratch: VerifyScratch,
  moved: ReadonlySet<number>,
  end: number | undefined,
  findings: Findings,
): void {
  let run: { readonly first: KeptLeaf; readonly last: KeptLeaf } | undefined;
  const tell = () => {
    if (run) findings.add(missingRun(run.first, run.last, run.last.index + 1 === end));
  };
  for (const leaf of scratch.missing()) {
    if (moved.has(leaf.index)) continue;
    if (run?.last.index === leaf.index - 1) run = { first: run.first, last: leaf };
    else {
      tell();
      run = { first: leaf, last: leaf };
    }
  }
  tell();
}
