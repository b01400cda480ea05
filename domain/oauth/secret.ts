import { constantTimeEqual, sha256 } from "./hash.ts";

/**
 * A stored secret of a client or resource: SHA-256 where we made it (256 bits, nothing to guess), Argon2id where a
 * person chose it, foreign where another product hashed it, as `passwordHashFault` allows. `validUntil` (epoch ms) is set on one that was replaced and overlaps.
 */
export interface StoredSecret {
  readonly kind: "sha256" | "argon2id" | "foreign";
  readonly hash: string;
  readonly validUntil: number | null;
}

/** How a secret of 256 random bits is kept. */
export const generatedSecret = (secret: string): StoredSecret => ({
  kind: "sha256",
  hash: sha256(secret),
  validUntil: null,
});

/** The secrets that still open at `now`. */
export const usableSecrets = (secrets: readonly StoredSecret[], now: number): readonly StoredSecret[] =>
  secrets.filter((secret) => secret.validUntil === null || secret.validUntil > now);

/** Whether one of the secrets that we made is this one. */
export const matchesGenerated = (presented: string, secrets: readonly StoredSecret[]): boolean => {
  const hash = sha256(presented);
  return secrets
    .filter(({ kind }) => kind === "sha256")
    .some((secret) => constantTimeEqual(secret.hash, hash));
};

/** The new secret first, the one that it replaces valid for `overlap` ms more; older ones are dropped. */
export function rotateSecret(
  secrets: readonly StoredSecret[],
  next: Omit<StoredSecret, "validUntil">,
  overlap: number,
  now: number,
): readonly StoredSecret[] {
  const current = secrets.find((secret) => secret.validUntil === null);
  const overlapping = current && overlap > 0 ? [{ ...current, validUntil: now + overlap }] : [];
  return [{ ...next, validUntil: null }, ...overlapping];
}
