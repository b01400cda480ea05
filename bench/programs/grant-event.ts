import { encode } from "../../application/events/catalog.ts";
import type { NewEvent } from "../../application/ports/event-store.ts";

const hash = "A".repeat(43);
const at = 1_795_478_400_000;
const expiresAt = at + 900_000;

/** An event as a client_credentials request leaves it. */
export function grantEvent(id: string): NewEvent {
  const grant = {
    status: "active",
    grantId: "AZ2y1Xh0d6yY0cFkJ2mWzA",
    clientId: "c_AZ2y1Xh0d6yY0cFkJ2mWzA",
    clientEpoch: 0,
    userId: null,
    userEpoch: null,
    sessionId: null,
    scope: ["read", "write"],
    audience: ["https://api.example/"],
    authenticatedAt: null,
    authorizedAt: at,
    expiresAt,
    refreshToken: null,
    spent: null,
    accessTokens: [{ revision: 0, hash, expiresAt }],
    revoked: { revisions: [], throughRevision: -1 },
    lastsUntil: expiresAt,
  };
  const { scope, audience } = grant;
  const accessToken = { revision: 0, hash, scope, audience, issuedAt: at, expiresAt };
  const metadata = {
    actor: "client:c_AZ2y1Xh0d6yY0cFkJ2mWzA",
    correlationId: "7e2a1df0-46c1-4cb2-9f3f-2f3c1f1f6a52",
  };
  return encode({ type: "grant.client_credentials.issued", data: { accessToken, grant } }, id, metadata);
}
