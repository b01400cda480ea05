import { accept, type Decider, type DomainEvent } from "./decider.ts";

/**
 * The first use of an idempotency key; its stream is named by a keyed hash of the key, of who used it and at what. Ids and
 * secrets that the request led to are derived from `nonce`, under a key that is not in the log.
 */
export interface KeyUse {
  /** Keyed hash of what was asked for. */
  readonly fingerprint: string;
  readonly nonce: string;
  /** Version of the master key behind `fingerprint` and what is derived. */
  readonly keyVersion: number;
  /** Epoch milliseconds. */
  readonly usedAt: number;
}

export type IdempotencyKeyEvent = DomainEvent<"idempotency_key.used", { use: KeyUse }>;

/** The first use counts, and every later one is told of it. */
export const idempotencyKeyDecider: Decider<KeyUse | undefined, KeyUse, IdempotencyKeyEvent, KeyUse> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.use,
  decide: (command, use) =>
    use ? accept([], use) : accept([{ type: "idempotency_key.used", data: { use: command } }], command),
};
