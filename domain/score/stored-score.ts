import { accept, type Decider, type DomainEvent } from "../decider.ts";
import type { Score } from "../music/score.ts";

/** How a score came into the library: from outside, or made from another one. */
export type Origin =
  | { readonly how: "imported"; readonly format: string }
  | { readonly how: "transposed" | "harmonized" | "counterpoint"; readonly from: string };

/** A score that somebody added to an epoch of the library. */
export interface StoredScore {
  readonly scoreId: string;
  readonly epoch: number;
  readonly origin: Origin;
  readonly addedAt: number;
  readonly score: Score;
}

export type StoredScoreEvent = DomainEvent<"score.added", { stored: StoredScore }>;

export interface AddScore {
  readonly type: "add";
  readonly stored: StoredScore;
}

/** Undefined: the id is free. The answer tells whether the score was added. */
export const storedScoreDecider: Decider<StoredScore | undefined, AddScore, StoredScoreEvent, boolean> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.stored,
  decide: ({ stored }, existing) =>
    existing ? accept([], false) : accept([{ type: "score.added", data: { stored } }], true),
};

const scoreIdForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** Whether a score may have this id: it names a stream. */
export const isScoreId = (id: string): boolean => scoreIdForm.test(id);
