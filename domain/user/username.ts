import { accept, type Decider, type DomainEvent } from "../decider.ts";

/**
 * A username belongs to one user id until that person is erased, and the reservation with the rest; the stream's name is
 * the keyed blind index of the username.
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
