import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from "node:crypto";
import type { CheckpointKeys, NoteVerifier } from "../../application/ports/checkpoint-keys.ts";
import { formatKey, formatNote, type NoteKey, noteKey } from "../../domain/audit/note.ts";
import type { KeyRing } from "./key-ring.ts";

/** PKCS #8 of an Ed25519 key, up to its seed (RFC 8410 section 7). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });

const rawPublicKey = (key: KeyObject): Uint8Array =>
  Buffer.from(createPublicKey(key).export({ format: "jwk" }).x ?? "", "base64url");

const publicKeyOf = (raw: Uint8Array): KeyObject =>
  createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") },
    format: "jwk",
  });

/** Verifies by these keys. */
export function createNoteVerifier(keys: readonly NoteKey[]): NoteVerifier {
  const trusted = keys.map((key) => ({ ...key, object: publicKeyOf(key.publicKey) }));
  return {
    isSigned({ text, signatures }) {
      const outcomes = signatures.flatMap(({ name, keyId, signature }) => {
        const key = trusted.find((known) => known.name === name && known.keyId === keyId);
        return key ? [verify(undefined, Buffer.from(text), key.object, signature)] : [];
      });
      return outcomes.length > 0 && outcomes.every((isRight) => isRight);
    },
  };
}

/** The keys under a name, each derived from a master key by HKDF-SHA-256 (RFC 5869), so that none of them is stored. */
export function createCheckpointKeys({ keys, newest }: KeyRing, name: string): CheckpointKeys {
  const derived = [...keys]
    .toSorted(([one], [other]) => other - one)
    .map(([version, master]) => {
      const seed = Buffer.from(hkdfSync("sha256", master, "", `dacapo:checkpoint:${version}`, 32));
      const privateKey = privateKeyOf(seed);
      return { version, privateKey, ...noteKey(name, rawPublicKey(privateKey)) };
    });
  const signing = derived.find(({ version }) => version === newest);
  if (!signing) throw new Error(`the key ring has no version ${newest}`);
  return {
    ...createNoteVerifier(derived),
    vkeys: derived.map(formatKey),
    sign(text) {
      const signature = sign(undefined, Buffer.from(text), signing.privateKey);
      return formatNote({ text, signatures: [{ ...signing, signature }] });
    },
  };
}
