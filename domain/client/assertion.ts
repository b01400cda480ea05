import { accept, type Decider, type DomainEvent } from "../decider.ts";

/** A client assertion (RFC 7523 §3) that was accepted; its stream is named by the hash of client and `jti`. */
export interface UsedAssertion {
  readonly clientId: string;
  readonly expiresAt: number;
}

export type AssertionEvent = DomainEvent<"client.assertion.used", { assertion: UsedAssertion }>;

/** An assertion is accepted once: true for the first use, false for every other. */
export const assertionDecider: Decider<UsedAssertion | undefined, UsedAssertion, AssertionEvent, boolean> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.assertion,
  decide: (command, used) =>
    used
      ? accept([], false)
      : accept([{ type: "client.assertion.used", data: { assertion: command } }], true),
};
