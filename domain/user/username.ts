import { accept, type Decider, type DomainEvent } from "../decider.ts";

/**
 * A username belongs to one user id for ever; the stream's name is the keyed blind index of the username. The name of a
 * person who was erased is given to nobody else, who would be taken for that person.
 */
export interface UsernameReservation {
  readonly userId: string;
  readonly reservedAt: number;
}

export type UsernameEvent = DomainEvent<"username.reserved", { reservation: UsernameReservation }>;

export interface ReserveUsername {
  readonly userId: string;
  readonly now: number;
}

/** The first reservation wins, and every later one is told whose it is: the winner may have stopped half-way. */
export const usernameDecider: Decider<
  UsernameReservation | undefined,
  ReserveUsername,
  UsernameEvent,
  UsernameReservation
> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.reservation,
  decide({ userId, now }, reservation) {
    if (reservation) return accept([], reservation);
    const reserved = { userId, reservedAt: now };
    return accept([{ type: "username.reserved", data: { reservation: reserved } }], reserved);
  },
};
