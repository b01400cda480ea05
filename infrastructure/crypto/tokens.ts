import { compactVerify, decodeJwt, decodeProtectedHeader } from "jose";
import type { Secrets } from "../../application/ports/secrets.ts";
import type { AccessTokenClaims, ReadToken, Tokens } from "../../application/ports/tokens.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import type { SigningKeys } from "../../domain/signing-key/signing-key.ts";
import { BoundedMap } from "../bounded/map.ts";
import { fromJwtPayload, fromOpaquePayload, toJwtPayload, toOpaquePayload } from "./access-token-claims.ts";
import { signJws } from "./sign-jws.ts";
import { createImportedKeys, generateSigningKey } from "./signing-keys.ts";

const typ = "at+jwt";
const opaquePrefix = "dca_";
const opaqueContext = "access_token";

/** Tokens of which is remembered what they say, and characters of one: anybody may send longer ones. */
const maxRead = 4_096;
const maxLength = 2_048;

function decode(token: string): AccessTokenClaims | undefined {
  try {
    return fromJwtPayload(decodeJwt(token));
  } catch {
    return undefined;
  }
}

/** Access tokens as JWTs (RFC 9068) by jose, or opaque: `dca_` and the sealed claims. */
export function createTokens(secrets: Secrets): Tokens {
  const imported = createImportedKeys(secrets);
  // The same token comes again and again, and what it says never changes; whether it is good is asked anew each time.
  const read = new BoundedMap<string, ReadToken>(maxRead);

  function open(token: string): AccessTokenClaims | undefined {
    const opened = secrets.open("access_token", token.slice(opaquePrefix.length), opaqueContext);
    return opened === undefined ? undefined : fromOpaquePayload(opened);
  }

  return {
    async signJwt(claims, key) {
      const header = { alg: key.algorithm, kid: key.kid, typ };
      return await signJws(header, toJwtPayload(claims), imported.privateKey(key));
    },

    read(token) {
      const hash = sha256(token);
      const known = read.get(hash);
      if (known) return known;
      const isSealed = token.startsWith(opaquePrefix);
      const claims = isSealed ? open(token) : decode(token);
      const fresh = claims && { claims, isSealed, hash };
      if (fresh && token.length <= maxLength) read.set(hash, fresh);
      return fresh;
    },

    async verifyJwt(token, keys) {
      try {
        const header = decodeProtectedHeader(token);
        const key = published(keys).find(({ kid }) => kid === header.kid);
        if (!key || header.typ !== typ) return false;
        await compactVerify(token, await imported.publicKey(key), { algorithms: [key.algorithm] });
        return true;
      } catch {
        return false;
      }
    },

    seal: (claims) => opaquePrefix + secrets.seal("access_token", toOpaquePayload(claims), opaqueContext),

    generateKey: (algorithm, now) => generateSigningKey(secrets, algorithm, now),
  };
}

const published = ({ active, next, retired }: SigningKeys) => [active, next, ...retired];
