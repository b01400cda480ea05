import { randomBytes } from "node:crypto";

/** The master keys by version; the newest protects new values, the others open what they once protected. */
export interface KeyRing {
  readonly newest: number;
  readonly keys: ReadonlyMap<number, Buffer>;
}

/** The text is no key ring. The message says what is wrong with which entry and never shows a key. */
export class InvalidKeyRing extends Error {
  override readonly name = "InvalidKeyRing";
}

const versionForm = /^[1-9][0-9]{0,8}$/;
const keyForm = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * Reads a master key ring: entries `version:key` separated by commas or whitespace, each key 32 bytes as base64url or
 * base64; a single bare key is version 1. @throws {InvalidKeyRing}
 */
export function parseKeyRing(text: string): KeyRing {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.length === 0) throw new InvalidKeyRing("The master key ring is empty");
  const keys = new Map<number, Buffer>();
  for (const [index, entry] of entries.entries()) {
    const where = `Master key ring, entry ${index + 1} of ${entries.length}`;
    const { version, key } = parseEntry(entry, entries.length === 1, where);
    if (keys.has(version)) throw new InvalidKeyRing(`${where}: version ${version} stands there twice`);
    keys.set(version, key);
  }
  return { newest: Math.max(...keys.keys()), keys };
}

function parseEntry(entry: string, mayBeBare: boolean, where: string): { version: number; key: Buffer } {
  const colon = entry.indexOf(":");
  if (colon < 0 && !mayBeBare)
    throw new InvalidKeyRing(`${where}: several keys need a version each, as in 2:<key>`);
  const version = colon < 0 ? "1" : entry.slice(0, colon);
  const key = entry.slice(colon + 1);
  // Neither part is quoted: in a swapped entry the "version" is the key.
  if (!versionForm.test(version))
    throw new InvalidKeyRing(`${where}: the version before the colon must be a whole number from 1`);
  if (!keyForm.test(key))
    throw new InvalidKeyRing(
      `${where}: the key must be 32 bytes as base64url or base64 (43 characters, and perhaps one "="), got ${key.length} characters`,
    );
  return { version: Number(version), key: Buffer.from(key, "base64") };
}

/** A line with a fresh master key, to be added to a ring that holds no key of this version yet. */
export const generateMasterKey = (version = 1): string =>
  `${version}:${randomBytes(32).toString("base64url")}`;
