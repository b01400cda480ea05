import { accept, type Decider, type DomainEvent } from "./decider.ts";

/** How long a key holds, ms: whoever tries again does so soon, and a secret is not to be had by an old key for ever. */
export const keyHolds = 86_400_000;

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

export type IdempotencyKeyEvent =
  | DomainEvent<"idempotency_key.used", { use: KeyUse }>
  /** What the first use led to was answered again, with the secret that was in it, if any. */
  | DomainEvent<"idempotency_key.repeated", { use: KeyUse; at: number }>;

export type KeyCommand =
  | { readonly type: "use"; readonly use: KeyUse }
  | { readonly type: "repeat"; readonly now: number };

/** The first use counts, also of those at once; a repeat leaves a trace, as it may give a secret again. */
export const idempotencyKeyDecider: Decider<KeyUse | undefined, KeyCommand, IdempotencyKeyEvent, undefined> =
  {
    initialState: undefined,
    evolve: (_state, event) => event.data.use,
    decide(command, use) {
      if (command.type === "repeat")
        return accept(
          use ? [{ type: "idempotency_key.repeated", data: { use, at: command.now } }] : [],
          undefined,
        );
      return accept(use ? [] : [{ type: "idempotency_key.used", data: { use: command.use } }], undefined);
    },
  };
