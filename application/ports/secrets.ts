/** A value and the version of the master key behind it. */
export interface Keyed {
  readonly value: string;
  readonly keyVersion: number;
}

/** What a key is derived for; keys of different purposes have nothing in common. */
export type KeyPurpose =
  | "refresh_token"
  | "username_index"
  | "csrf"
  | "access_token"
  | "signing_key"
  | "subject_key"
  | "session_origin"
  | "audit_address"
  | "limits"
  | "known_browser"
  | "idempotency";

/** A data key under the master key, and the context that `newDataKey` bound it to. */
export interface WrappedKey {
  readonly wrapped: string;
  readonly context: string;
}

/** Randomness and keyed cryptography. Every ciphertext and MAC names the version of its key. */
export interface Secrets {
  /** 256 random bits as base64url, 43 characters. */
  random(): string;
  /** A new identifier: a UUIDv7 as base64url, 22 characters; ids of one time lie close together. */
  newId(): string;
  /** A new event id: UUIDv7. */
  newEventId(): string;
  /**
   * What takes the place of `random` and `newId` where a request can be repeated: the same values in the same order for the
   * same origin, which nobody can tell without the master key. `time` (epoch ms) is that of the ids.
   */
  derived(origin: {
    readonly nonce: string;
    readonly keyVersion: number;
    readonly time: number;
  }): Pick<Secrets, "random" | "newId">;
  /** HMAC-SHA-256 as base64url under a key of this purpose; the newest version unless one is named. */
  mac(purpose: KeyPurpose, message: string, keyVersion?: number): Keyed;
  /** The MAC under every version, newest first: for look-ups by a blind index. */
  macs(purpose: KeyPurpose, message: string): readonly Keyed[];
  /** AES-256-GCM; the result is base64url and names its key version. `context` must be the same at `open`. */
  seal(purpose: KeyPurpose, plaintext: string, context: string): string;
  /** Undefined where the value was not sealed so, or by a key that is gone. */
  open(purpose: KeyPurpose, sealed: string, context: string): string | undefined;
  /** A fresh data key, wrapped under the master key for this context. */
  newDataKey(context: string): WrappedKey;
  /** AES-256-GCM under a wrapped data key; `context` as for `seal`. @throws where the wrapped key cannot be opened. */
  sealWith(key: WrappedKey, plaintext: string, context: string): string;
  openWith(key: WrappedKey, sealed: string, context: string): string | undefined;
}

/** Argon2id in PHC string form, behind a bounded queue. @throws {Unavailable} where the queue is full. */
export interface Passwords {
  /** A hash that no password leads to, and that costs as much to check as one of `hash`. */
  readonly unmatchable: string;
  /** Whether a hash is as `hash` makes them now; one that was taken over from another product is not. */
  isCurrent(hash: string): boolean;
  /** Whether a password that is right by a hash can be no other than the one it was made of: bcrypt reads 72 bytes. */
  isWhole(password: string, hash: string): boolean;
  hash(password: string): Promise<string>;
  /** False for a wrong password; for an unknown user pass undefined, which takes as long. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}
