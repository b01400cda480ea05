import { type BinaryLike, pbkdf2 as pbkdf2WithCallback, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { isBcrypt, type Pbkdf2Hash, parsePbkdf2 } from "../../domain/oauth/password-hash.ts";

const pbkdf2 = promisify<BinaryLike, BinaryLike, number, number, string, Buffer>(pbkdf2WithCallback);

const digestBytes: Readonly<Record<Pbkdf2Hash["digest"], number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** Only the first block is compared: each one costs all iterations, and 160 bits are enough to tell passwords apart. */
async function verifyPbkdf2(password: string, { digest, iterations, salt, hash }: Pbkdf2Hash) {
  const expected = Buffer.from(hash, "base64").subarray(0, digestBytes[digest]);
  const made = await pbkdf2(password, Buffer.from(salt, "base64"), iterations, expected.length, digest);
  return timingSafeEqual(made, expected);
}

/** What bcrypt reads of a password, in bytes; the rest of a longer one says nothing. */
const bcryptReads = 72;

/** Whether a password that was right by this hash may be another than the one it was made of. */
export const readsInPart = (password: string, hash: string): boolean =>
  isBcrypt(hash) && Buffer.byteLength(password) > bcryptReads;

/** How a password is checked against a hash of PBKDF2 or bcrypt; undefined for a hash that is neither. */
export function foreignVerifier(hash: string): ((password: string) => Promise<boolean>) | undefined {
  const parts = parsePbkdf2(hash);
  if (parts) return (password) => verifyPbkdf2(password, parts);
  return isBcrypt(hash) ? (password) => verifyBcrypt(password, hash) : undefined;
}
