import { createPrivateKey, type KeyObject } from "node:crypto";
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import type { Secrets } from "../../application/ports/secrets.ts";
import type { SigningAlgorithm, SigningKey } from "../../domain/signing-key/signing-key.ts";
import { BoundedMap } from "../bounded/map.ts";

const maxImported = 32;

/** A fresh key named by its RFC 7638 thumbprint; the private part is sealed for that name. */
export async function generateSigningKey(
  secrets: Secrets,
  algorithm: SigningAlgorithm,
  now: number,
): Promise<SigningKey> {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const privateJwk = JSON.stringify(await exportJWK(pair.privateKey));
  return {
    kid,
    algorithm,
    publicJwk: { ...(jwk as Record<string, string>), kid, alg: algorithm, use: "sig" },
    sealedPrivateJwk: secrets.seal("signing_key", privateJwk, kid),
    publishedAt: now,
  };
}

/** Signing keys ready for use, imported once each: importing costs more than signing. */
export function createImportedKeys(secrets: Secrets) {
  const publicKeys = new BoundedMap<string, CryptoKey>(maxImported);
  const privateKeys = new BoundedMap<string, KeyObject>(maxImported);

  return {
    async publicKey(key: Pick<SigningKey, "kid" | "algorithm" | "publicJwk">): Promise<CryptoKey> {
      const known = publicKeys.get(key.kid);
      if (known) return known;
      const fresh = await importJwk(key.publicJwk, key.algorithm);
      publicKeys.set(key.kid, fresh);
      return fresh;
    },

    privateKey(key: SigningKey): KeyObject {
      const known = privateKeys.get(key.kid);
      if (known) return known;
      const opened = secrets.open("signing_key", key.sealedPrivateJwk, key.kid);
      if (opened === undefined)
        throw new Error(`Signing key ${key.kid} cannot be opened: its master key is not in the ring`);
      const fresh = createPrivateKey({ key: JSON.parse(opened), format: "jwk" });
      privateKeys.set(key.kid, fresh);
      return fresh;
    },
  };
}

async function importJwk(jwk: object, algorithm: SigningAlgorithm): Promise<CryptoKey> {
  const key = await importJWK({ ...jwk }, algorithm);
  if (key instanceof Uint8Array) throw new TypeError("A signing key is never symmetric");
  return key;
}
