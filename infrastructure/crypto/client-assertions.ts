import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify } from "jose";
import { z } from "zod";
import type { ClientAssertions } from "../../application/ports/tokens.ts";
import { createRemoteKeySets, type FetchJson, type KeySet } from "./remote-key-sets.ts";

/** Signature algorithms that a client may use; none of them is symmetric. */
export type AssertionAlgorithm =
  | "ES256"
  | "ES384"
  | "ES512"
  | "EdDSA"
  | "Ed25519"
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512";

export const defaultAssertionAlgorithms: readonly AssertionAlgorithm[] = [
  "ES256",
  "ES384",
  "EdDSA",
  "Ed25519",
  "RS256",
  "PS256",
];

const maxLifetime = 5 * 60;
const clockSkew = 10;

type AssertingClient = Parameters<ClientAssertions["verify"]>[1];

/** Checks client assertions (RFC 7523 §3) by jose, with keys registered by value or fetched from a `jwks_uri`. */
export function createClientAssertions({
  issuer,
  algorithms = defaultAssertionAlgorithms,
  fetchJson,
}: {
  readonly issuer: string;
  readonly algorithms?: readonly AssertionAlgorithm[];
  readonly fetchJson: FetchJson;
}): ClientAssertions {
  const remote = createRemoteKeySets(fetchJson);

  /** The payload where one of the keys signed it and the general claims of a JWT hold. */
  async function checked(assertion: string, keySet: KeySet, clientId: string, now: number): Promise<unknown> {
    const options = {
      algorithms: [...algorithms],
      issuer: clientId,
      subject: clientId,
      audience: issuer,
      currentDate: new Date(now),
      clockTolerance: clockSkew,
    };
    try {
      return (await jwtVerify(assertion, keySet, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      for await (const key of error) {
        const verified = await jwtVerify(assertion, key, options).catch(ignoreBadSignature);
        if (verified) return verified.payload;
      }
      throw error;
    }
  }

  async function checkedByRemote(assertion: string, uri: string, clientId: string, now: number) {
    try {
      return await checked(assertion, await remote.get(uri, now), clientId, now);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return checked(assertion, await remote.getNewer(uri, now), clientId, now);
    }
  }

  function payloadOf(assertion: string, { clientId, jwks, jwksUri }: AssertingClient, now: number) {
    if (jwks) return checked(assertion, createLocalJWKSet(jwks as unknown as JSONWebKeySet), clientId, now);
    if (jwksUri) return checkedByRemote(assertion, jwksUri, clientId, now);
    throw new Error("The client has no keys");
  }

  return {
    claimedClientId(assertion) {
      try {
        return decodeJwt(assertion).sub || undefined;
      } catch {
        return undefined;
      }
    },

    async verify(assertion, client, now) {
      try {
        const { jti, exp } = assertionClaims(issuer, now).parse(await payloadOf(assertion, client, now));
        return { jti, expiresAt: exp * 1000 };
      } catch {
        return undefined;
      }
    },
  };
}

/** What is asked of an assertion beyond what jose checks. */
function assertionClaims(issuer: string, now: number) {
  const seconds = now / 1000;
  return z.object({
    aud: z.literal(issuer),
    jti: z.string().min(1).max(256),
    exp: z
      .number()
      .gt(seconds)
      .lte(seconds + maxLifetime + clockSkew),
    iat: z
      .number()
      .lte(seconds + clockSkew)
      .optional(),
  });
}

function ignoreBadSignature(error: unknown): undefined {
  if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
}
