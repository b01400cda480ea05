import type { ActiveGrant, Grant, GrantTerms } from "../../../domain/grant/grant.ts";
import type { Scope } from "../../../domain/oauth/scope.ts";
import type { Session, Sessions } from "../../../domain/session/session.ts";

/**
 * What would have been decided otherwise: times in milliseconds. What is absent is as it was when each decision was made,
 * whatever the configuration said by then.
 */
export interface WhatIf {
  readonly accessTokenLifetime?: number | undefined;
  readonly refreshTokenLifetime?: number | undefined;
  readonly grantLifetime?: number | undefined;
  readonly codeLifetime?: number | undefined;
  readonly graceWindow?: number | undefined;
  readonly requirePkce?: boolean | undefined;
  readonly allowPublicClients?: boolean | undefined;
  readonly sessionTtl?: number | undefined;
  readonly sliding?: boolean | undefined;
  readonly maxSessionsPerUser?: number | undefined;
  readonly sessionLifetime?: number | undefined;
  readonly rememberedLifetime?: number | undefined;
  /** Scopes that no client and no user would have had. */
  readonly removeScopes: Scope;
}

/** When something that began at `start` would have ended: by the other lifetime, or as it was. */
const until = (start: number, lifetime: number | undefined, recorded: number): number =>
  lifetime === undefined ? recorded : start + lifetime;

/** What would have been left of a scope. */
export const scopeUnder = ({ removeScopes }: WhatIf, scope: Scope): Scope =>
  scope.filter((token) => !removeScopes.includes(token));

/** Until when an access token of this grant would have lived. */
export const accessTokenUntil = (
  { accessTokenLifetime }: WhatIf,
  { issuedAt, expiresAt }: { readonly issuedAt: number; readonly expiresAt: number },
  grantExpiresAt: number,
): number => Math.min(until(issuedAt, accessTokenLifetime, expiresAt), grantExpiresAt);

/** Until when a grant would have lived; one of client_credentials lives as long as its one token. */
const grantUntil = (
  { grantLifetime, accessTokenLifetime }: WhatIf,
  { authorizedAt, expiresAt, userId }: GrantTerms,
): number => until(authorizedAt, userId === null ? accessTokenLifetime : grantLifetime, expiresAt);

function activeUnder(whatIf: WhatIf, grant: ActiveGrant, terms: Pick<ActiveGrant, "scope" | "expiresAt">) {
  const { refreshToken } = grant;
  if (refreshToken === null) return { ...grant, ...terms };
  const { issuedAt, expiresAt } = refreshToken;
  const ownEnd = until(issuedAt, whatIf.refreshTokenLifetime, expiresAt);
  return {
    ...grant,
    ...terms,
    refreshToken: { ...refreshToken, expiresAt: Math.min(ownEnd, terms.expiresAt) },
  };
}

/** A grant as it would have stood: its scope and its lifetimes derived again from when each began. */
export function grantUnder(whatIf: WhatIf, grant: Grant): Grant {
  const terms = { scope: scopeUnder(whatIf, grant.scope), expiresAt: grantUntil(whatIf, grant) };
  switch (grant.status) {
    case "pending": {
      const expiresAt = until(grant.authorizedAt, whatIf.codeLifetime, grant.code.expiresAt);
      return { ...grant, ...terms, code: { ...grant.code, expiresAt } };
    }
    case "active":
      return activeUnder(whatIf, grant, terms);
    case "ended":
      return { ...grant, ...terms };
  }
}

/** How long a session lives without use, as far as its times tell. */
export const ttlUnder = ({ sessionTtl }: WhatIf, { expiresAt, lastSeenAt }: Session): number =>
  sessionTtl ?? expiresAt - lastSeenAt;

/** How long a session lives at most. */
export function lifetimeUnder(whatIf: WhatIf, { remembered, absoluteExpiresAt, startedAt }: Session): number {
  const lifetime = remembered ? whatIf.rememberedLifetime : whatIf.sessionLifetime;
  return lifetime ?? absoluteExpiresAt - startedAt;
}

/** A session as it would have stood. */
export function sessionUnder(whatIf: WhatIf, session: Session): Session {
  const absoluteExpiresAt = session.startedAt + lifetimeUnder(whatIf, session);
  if (session.remembered) return { ...session, expiresAt: absoluteExpiresAt, absoluteExpiresAt };
  const seen = whatIf.sliding === false ? session.startedAt : session.lastSeenAt;
  const expiresAt = Math.min(seen + ttlUnder(whatIf, session), absoluteExpiresAt);
  return { ...session, lastSeenAt: seen, expiresAt, absoluteExpiresAt };
}

/** A user's sessions as they would have stood, without those that would have been refused or ended before. */
export const sessionsUnder = (
  whatIf: WhatIf,
  sessions: Sessions,
  isGone: (sessionId: string) => boolean,
): Sessions => ({
  ...sessions,
  live: sessions.live
    .filter(({ sessionId }) => !isGone(sessionId))
    .map((session) => sessionUnder(whatIf, session)),
});
