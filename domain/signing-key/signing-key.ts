import { accept, type Decider, type Decision, type DomainEvent } from "../decider.ts";
import { type Refusal, refusal } from "../oauth/refusal.ts";

export type SigningAlgorithm = "ES256" | "EdDSA" | "RS256";

/** A key that signs access tokens. The private part stands here only encrypted under the master key. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: Readonly<Record<string, string>>;
  readonly sealedPrivateJwk: string;
  readonly publishedAt: number;
}

/** A key that signs no more, published until its last token is dead. */
export interface RetiredKey extends Omit<SigningKey, "sealedPrivateJwk"> {
  readonly removeAt: number;
}

/** `next` is published before it signs, `active` signs, `retired` still verifies. */
export interface SigningKeys {
  readonly next: SigningKey;
  readonly active: SigningKey;
  readonly activatedAt: number;
  readonly retired: readonly RetiredKey[];
}

export type SigningKeyEvent =
  | DomainEvent<"signing_keys.created", { at: number; keys: SigningKeys }>
  | DomainEvent<"signing_keys.rotated", { kid: string; at: number; keys: SigningKeys }>
  | DomainEvent<"signing_keys.removed", { kids: readonly string[]; at: number; keys: SigningKeys }>
  | DomainEvent<"signing_keys.replaced", { kids: readonly string[]; at: number; keys: SigningKeys }>;

export type SigningKeyCommand =
  | { readonly type: "create"; readonly active: SigningKey; readonly next: SigningKey; readonly now: number }
  | {
      readonly type: "rotate";
      /** The key that is to sign no more; where another one signs by now, somebody else was first and nothing is left to do. */
      readonly active: string;
      readonly fresh: SigningKey;
      /** How long the next key must have been published (ms), so that every verifier has fetched it. */
      readonly minPublished: number;
      /** How long the active key's newest token may still live (ms). */
      readonly retainFor: number;
      readonly now: number;
    }
  | { readonly type: "remove_dead"; readonly now: number }
  /** No key from before signs or verifies any more. */
  | {
      readonly type: "replace";
      readonly active: SigningKey;
      readonly next: SigningKey;
      readonly now: number;
    };

type SigningKeyDecision = Decision<SigningKeyEvent, SigningKeys | Refusal>;

function rotate(
  command: Extract<SigningKeyCommand, { type: "rotate" }>,
  keys: SigningKeys,
): SigningKeyDecision {
  const { active, fresh, minPublished, retainFor, now } = command;
  if (keys.active.kid !== active) return accept([], keys);
  if (now - keys.next.publishedAt < minPublished)
    return accept([], refusal("invalid_request", "The next key was published too recently to sign already"));
  const { sealedPrivateJwk: _, ...old } = keys.active;
  const after: SigningKeys = {
    next: fresh,
    active: keys.next,
    activatedAt: now,
    retired: [...keys.retired.filter((key) => key.removeAt > now), { ...old, removeAt: now + retainFor }],
  };
  return accept(
    [{ type: "signing_keys.rotated", data: { kid: after.active.kid, at: now, keys: after } }],
    after,
  );
}

function replace(
  { active, next, now }: Extract<SigningKeyCommand, { type: "replace" }>,
  keys: SigningKeys,
): SigningKeyDecision {
  const kids = [keys.next, keys.active, ...keys.retired].map(({ kid }) => kid);
  const after: SigningKeys = { next, active, activatedAt: now, retired: [] };
  return accept([{ type: "signing_keys.replaced", data: { kids, at: now, keys: after } }], after);
}

/** The life of the signing keys: published, then signing, then verifying only, then gone. */
export const signingKeyDecider: Decider<
  SigningKeys | undefined,
  SigningKeyCommand,
  SigningKeyEvent,
  SigningKeys | Refusal
> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.keys,
  decide(command, keys) {
    if (command.type === "create") {
      if (keys) return accept([], keys);
      const { active, next, now } = command;
      const created: SigningKeys = { next, active, activatedAt: now, retired: [] };
      return accept([{ type: "signing_keys.created", data: { at: now, keys: created } }], created);
    }
    if (!keys) return accept([], refusal("invalid_request", "There are no signing keys yet"));
    if (command.type === "rotate") return rotate(command, keys);
    if (command.type === "replace") return replace(command, keys);
    const dead = keys.retired.filter((key) => key.removeAt <= command.now).map((key) => key.kid);
    if (dead.length === 0) return accept([], keys);
    const after = { ...keys, retired: keys.retired.filter((key) => !dead.includes(key.kid)) };
    return accept(
      [{ type: "signing_keys.removed", data: { kids: dead, at: command.now, keys: after } }],
      after,
    );
  },
};
