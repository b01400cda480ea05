import { accept, type Decider, type DomainEvent } from "../decider.ts";
import type { ErasedUser } from "../user/user.ts";

/**
 * The erasure of one person's data. Requested: nothing of that person opens anything any more. Complete: what could
 * read the rest, the person's data key, is gone from the files too.
 */
export interface Erasure {
  readonly user: ErasedUser;
  /** What was removed, for ever, up to which revision: the user's own events and data key. */
  readonly removed: readonly { readonly stream: string; readonly revision: number }[];
  /** Id of the event that reserved the name, which was removed too; its stream would tell the name to who guesses it. */
  readonly reservation: string | null;
  /** Where in this store some of it stood, the first and last of each stream, as decimal numbers. */
  readonly positions: readonly string[];
  readonly completedAt: number | null;
}

export type ErasureEvent =
  | DomainEvent<"erasure.requested", { erasure: Erasure }>
  | DomainEvent<"erasure.completed", { erasure: Erasure }>;

export type ErasureCommand =
  | { readonly type: "request"; readonly erasure: Omit<Erasure, "completedAt"> }
  | { readonly type: "complete"; readonly now: number };

/** One erasure a person: what was requested first is what is removed. */
export const erasureDecider: Decider<Erasure | undefined, ErasureCommand, ErasureEvent, Erasure | undefined> =
  {
    initialState: undefined,
    evolve: (_state, event) => event.data.erasure,
    decide(command, erasure) {
      if (command.type === "request") {
        if (erasure) return accept([], erasure);
        const requested: Erasure = { ...command.erasure, completedAt: null };
        return accept([{ type: "erasure.requested", data: { erasure: requested } }], requested);
      }
      if (!erasure || erasure.completedAt !== null) return accept([], erasure);
      const completed = { ...erasure, completedAt: command.now };
      return accept([{ type: "erasure.completed", data: { erasure: completed } }], completed);
    },
  };
