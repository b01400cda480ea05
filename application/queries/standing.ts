import type { Client } from "../../domain/client/client.ts";
import type { Consent } from "../../domain/consent/consent.ts";
import type { Standing } from "../../domain/grant/commands.ts";
import type { Grant } from "../../domain/grant/grant.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import type { SessionStanding } from "../projections/sessions.ts";
import { activeResources } from "./resources.ts";

/** Whether this is a client that may act now. */
export const isActiveClient = (client: Client | undefined): client is Client => client?.status === "active";

/** Whether all that a grant lives by is alive, at the epochs that the grant began with. */
export function livesBy(
  grant: Grant,
  client: Client | undefined,
  user: User | undefined,
  session: SessionStanding | undefined,
): boolean {
  if (!isActiveClient(client) || client.epoch !== grant.clientEpoch) return false;
  if (grant.userId !== null && (user?.status !== "active" || user.epoch !== grant.userEpoch)) return false;
  return grant.sessionId === null || (session !== undefined && !session.isEndedOnPurpose);
}

/** Where to find the user and the session that a grant lives by. */
export const userAndSessionRefs = (grant: Pick<Grant, "userId" | "sessionId" | "authenticatedAt">) => [
  ...(grant.userId === null ? [] : [ref.user(grant.userId)]),
  ...(grant.userId === null || grant.sessionId === null
    ? []
    : [ref.session(grant.userId, grant.sessionId, grant.authenticatedAt ?? 0)]),
];

/**
 * Whether the consent that a code rests on was not withdrawn since. A code may have been made while that happened, and is in
 * no list of what must end; read models that still tell of the withdrawal before a newer consent are not believed.
 */
async function isConsented(
  { documents }: Pick<Context, "documents">,
  { userId, clientId }: Grant,
  consent: Consent | undefined,
): Promise<boolean> {
  if (userId === null || (consent && consent.given.length > 0)) return true;
  const [recorded] = await documents.fromLog([ref.consent(userId, clientId)]);
  return recorded !== undefined && recorded.given.length > 0;
}

/** What client and user may have now; undefined where the grant has nothing left to live by. */
export async function standingNow(
  context: Pick<Context, "documents" | "policy">,
  grant: Grant,
  client: Client,
): Promise<Standing | undefined> {
  const { userId, clientId, sessionId } = grant;
  const isCode = grant.status === "pending" && userId !== null;
  const holders = userAndSessionRefs(grant);
  const [loaded, audience] = await Promise.all([
    context.documents.load([...holders, ...(isCode ? [ref.consent(userId, clientId)] : [])]),
    activeResources(context, grant.audience),
  ]);
  const [user, session] = loaded as [User | undefined, SessionStanding | undefined];
  if (!livesBy(grant, client, user, sessionId === null ? undefined : session)) return undefined;
  const consent = loaded[holders.length] as Consent | undefined;
  if (isCode && !(await isConsented(context, grant, consent))) return undefined;
  return { client: client.scopes, user: user?.scopes ?? null, audience };
}
