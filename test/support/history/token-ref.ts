import { sha256 } from "../../../domain/oauth/hash.ts";
import { parseCode, parseJti, parseRefreshToken } from "../../../domain/oauth/token-forms.ts";

/** A token without its secret: the hash under which the log knows it, and what it says of where it lives. */
export interface TokenRef {
  readonly kind: "code" | "refresh" | "access";
  readonly hash: string;
  /** Null where the token does not say: an opaque one, or garbage. */
  readonly grantId: string | null;
  readonly revision: number | null;
}

/** The grant and revision that a JWT's `jti` names; nothing of it is verified. */
function placeOfJwt(token: string): { grantId: string; revision: number } | undefined {
  const payload = token.split(".")[1] ?? "";
  try {
    const { jti } = JSON.parse(Buffer.from(payload, "base64url").toString());
    return parseJti(String(jti));
  } catch {
    return undefined;
  }
}

/** Takes a token apart. Codes and refresh tokens are known by the hash of their secret, access tokens as a whole. */
export function tokenRef(token: string): TokenRef {
  const refresh = parseRefreshToken(token);
  if (refresh) {
    const { grantId, revision, secret } = refresh;
    return { kind: "refresh", hash: sha256(secret), grantId, revision };
  }
  const code = parseCode(token);
  if (code) return { kind: "code", hash: sha256(code.secret), grantId: code.grantId, revision: 0 };
  const place = placeOfJwt(token);
  return {
    kind: "access",
    hash: sha256(token),
    grantId: place?.grantId ?? null,
    revision: place?.revision ?? null,
  };
}
