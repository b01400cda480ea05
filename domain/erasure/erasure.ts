import { accept, type Decider, type DomainEvent } from "../decider.ts";
import type { ErasedUser } from "../user/user.ts";

/**
 * The erasure of one person's data. Requested: nothing of that person opens anything any more. Complete: what could
 * read the rest, the person's data key, is gone from the files too.
 */
export interface Erasure {
  readonly user: ErasedUser;
  /** Positions of the events that were removed, as decimal numbers; none of them holds anything but personal data. */
  readonly removed: readonly string[];
  readonly completedAt: number | null;
}

export type ErasureEvent =
  | DomainEvent<"erasure.requested", { erasure: Erasure }>
  | DomainEvent<"erasure.completed", { erasure: Erasure }>;

export type ErasureCommand =
  | { readonly type: "request"; readonly user: ErasedUser; readonly removed: readonly string[] }
  | { readonly type: "complete"; readonly now: number };

/** One erasure a person: what was requested first is what is removed. */
export const erasureDecider: Decider<Erasure | undefined, ErasureCommand, ErasureEvent, Erasure | undefined> =
  {
    initialState: undefined,
    evolve: (_state, event) => event.data.erasure,
    decide(command, erasure) {
      if (command.type === "request") {
        if (erasure) return accept([], erasure);
        const requested: Erasure = { user: command.user, removed: command.removed, completedAt: null };
        return accept([{ type: "erasure.requested", data: { erasure: requested } }], requested);
      }
      if (!erasure || erasure.completedAt !== null) return accept([], erasure);
      const completed = { ...erasure, completedAt: command.now };
      return accept([{ type: "erasure.completed", data: { erasure: completed } }], completed);
    },
  };
