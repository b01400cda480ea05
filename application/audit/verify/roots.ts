import type { Checkpoint } from "../../../domain/audit/checkpoint.ts";
import type { Frontier } from "../../../domain/audit/frontier.ts";
import { type Hash, isSameHash } from "../../../domain/audit/merkle.ts";
import type { Findings } from "./findings.ts";

/** A checkpoint whose signature is right: what it says is to be compared with the leaves. */
export interface Claim {
  readonly checkpoint: Checkpoint;
  /** Whether it comes from a copy outside. */
  readonly isTrusted: boolean;
}

export const nameOf = ({ checkpoint: { number }, isTrusted }: Claim): string =>
  isTrusted ? `the trusted copy of checkpoint ${number}` : `checkpoint ${number}`;

/** Builds the tree once more, leaf by leaf, and compares its root with each checkpoint on the way. */
export interface Roots {
  /** How many leaves the tree has. */
  readonly size: number;
  /** Adds a leaf as it is kept, and what the log says that it is: undefined where it cannot be told. */
  add(kept: Hash, logged: Hash | undefined): void;
  /** Goes on at this leaf without those before it: no later root can be told. */
  lose(index: number): void;
  /** To be called before the first leaf, which a checkpoint may be about. */
  begin(): void;
  /** The newest checkpoint of here whose root is that of the leaves. */
  newest(): Claim | undefined;
  /** Checkpoints that cover more leaves than there were. */
  beyond(): readonly Claim[];
  /** Claims whose root was compared. */
  compared(): number;
}

/**
 * @param claims by size, none smaller than the frontier
 * @param keptWereChanged is told where a checkpoint agrees with the log and not with the kept leaves from this one on
 */
export function createRoots(
  start: Frontier,
  claims: readonly Claim[],
  findings: Findings,
  keptWereChanged: (from: number, claim: Claim) => void,
): Roots {
  let kept = start;
  let lostAt: number | undefined;
  // Only where log and leaves differ: until then the two trees are the same.
  let logged: Frontier | undefined;
  let next = 0;
  let [good, goodHere]: (Claim | undefined)[] = [];

  function isRight(claim: Claim): boolean {
    const { root } = claim.checkpoint;
    if (isSameHash(kept.root(), root)) return true;
    if (!logged || !isSameHash(logged.root(), root)) return false;
    keptWereChanged(good?.checkpoint.size ?? 0, claim);
    kept = logged;
    return true;
  }

  function compare(claim: Claim): void {
    const { size } = claim.checkpoint;
    const from = good?.checkpoint.size ?? 0;
    if (isRight(claim)) {
      logged = undefined;
      good = claim;
      if (!claim.isTrusted) goodHere = claim;
      return;
    }
    const since = good ? `leaf ${from}, the first that ${nameOf(good)} does not cover,` : "the first leaf";
    findings.add({
      what: claim.isTrusted ? "trusted" : "root",
      message: `${nameOf(claim)} has another root than the kept leaves: between ${since} and leaf ${size - 1} something was changed in the leaves, which the log follows where nothing else is found there`,
      leaf: from,
      lastLeaf: size - 1,
    });
  }

  function settle(): void {
    for (let claim = claims[next]; claim?.checkpoint.size === kept.size; claim = claims[next]) {
      next += 1;
      compare(claim);
    }
  }

  return {
    get size() {
      return lostAt ?? kept.size;
    },
    lose(index) {
      lostAt = index;
    },
    add(hash, event) {
      if (lostAt !== undefined) {
        lostAt += 1;
        return;
      }
      if (!logged && event !== hash) logged = kept.copy();
      kept.append(hash);
      logged?.append(event ?? hash);
      settle();
    },
    begin: settle,
    newest: () => goodHere,
    beyond: () => claims.slice(next),
    compared: () => next,
  };
}
