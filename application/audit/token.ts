import { sha256 } from "../../domain/oauth/hash.ts";
import { parseJti, parseRefreshToken } from "../../domain/oauth/token-forms.ts";
import type { Context } from "../context.ts";
import type { AccessTokenClaims } from "../ports/tokens.ts";

/** What was asked about cannot be found; the message is a sentence that says why, and holds nothing secret. */
export class NotFound extends Error {
  override readonly name = "NotFound";
}

/** A token, and the event that its text names as the one that issued it. */
export type NamedToken =
  | {
      readonly kind: "access_token";
      readonly token: string;
      readonly grantId: string;
      readonly revision: number;
      readonly hash: string;
      readonly claims: AccessTokenClaims;
    }
  | {
      readonly kind: "refresh_token";
      readonly token: string;
      readonly grantId: string;
      readonly revision: number;
      readonly hash: string;
    };

const truncated = "This is no token of this server, or not the whole of it.";

function whatItLooksLike(token: string): string {
  if (token === "") return "There is no token: nothing came on standard input.";
  if (/\s/.test(token)) return "A token has no spaces and no line breaks: this is something else.";
  if (token.startsWith("dcr_"))
    return "This begins like a refresh token of this server, but it is not the whole of one.";
  if (token.startsWith("dca_"))
    return "This begins like an opaque token, but it is not the whole of one, or another deployment made it.";
  if (token.startsWith("dcc_")) return "This is an authorization code, no token: ask by --grant.";
  if (token.startsWith("eyJ"))
    return "This looks like a JWT, but it is no access token of this server, or not the whole of it.";
  return truncated;
}

/** Reads what a token says of itself; nothing of it is proven yet. @throws {NotFound} */
export function readToken({ tokens, policy }: Pick<Context, "tokens" | "policy">, token: string): NamedToken {
  if (/\s/.test(token)) throw new NotFound(whatItLooksLike(token));
  const refresh = parseRefreshToken(token);
  if (refresh) {
    const { grantId, revision, secret } = refresh;
    return { kind: "refresh_token", token, grantId, revision, hash: sha256(secret) };
  }
  const read = tokens.read(token);
  if (!read) throw new NotFound(whatItLooksLike(token));
  const { claims, hash } = read;
  // What it says of itself is not proven, and is not repeated.
  if (claims.iss !== policy.issuer)
    throw new NotFound(`This is a token of another issuer than ${policy.issuer}.`);
  const id = parseJti(claims.jti);
  if (!id) throw new NotFound(truncated);
  return { kind: "access_token", token, ...id, hash, claims };
}
