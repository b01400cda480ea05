import { compactVerify, decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import type { Secrets } from "../../application/ports/secrets.ts";
import type { Tokens } from "../../application/ports/tokens.ts";
import type { SigningKeys } from "../../domain/signing-key/signing-key.ts";
import { fromJwtPayload, fromOpaquePayload, toJwtPayload, toOpaquePayload } from "./access-token-claims.ts";
import { createImportedKeys, generateSigningKey } from "./signing-keys.ts";

const typ = "at+jwt";
const opaquePrefix = "dca_";
const opaqueContext = "access_token";

/** Access tokens as JWTs (RFC 9068) by jose, or opaque: `dca_` and the sealed claims. */
export function createTokens(secrets: Secrets): Tokens {
  const imported = createImportedKeys(secrets);
  return {
    async signJwt(claims, key) {
      const header = { alg: key.algorithm, kid: key.kid, typ };
      return new SignJWT(toJwtPayload(claims))
        .setProtectedHeader(header)
        .sign(await imported.privateKey(key));
    },

    decodeJwt(token) {
      try {
        return fromJwtPayload(decodeJwt(token));
      } catch {
        return undefined;
      }
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

    open(token) {
      if (!token.startsWith(opaquePrefix)) return undefined;
      const opened = secrets.open("access_token", token.slice(opaquePrefix.length), opaqueContext);
      return opened === undefined ? undefined : fromOpaquePayload(opened);
    },

    generateKey: (algorithm, now) => generateSigningKey(secrets, algorithm, now),
  };
}

const published = ({ active, next, retired }: SigningKeys) => [active, next, ...retired];
