import type { Client } from "../../domain/client/client.ts";
import { type Grant, lastsUntil } from "../../domain/grant/grant.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { type Ref, ref } from "../documents.ts";
import type { SessionStanding } from "../projections/sessions.ts";
import { livesBy } from "./standing.ts";

/** What a grant is now, all told that it lives by: `pending` waits for its code, `expired` has no token left that lives. */
export type GrantStatus = "pending" | "active" | "ended" | "expired";

/** A grant, and what it is now. */
export interface StandingGrant {
  readonly grant: Grant;
  readonly status: GrantStatus;
}

/** These documents by their ids, each read once. */
async function byId<T>({ documents }: Pick<Context, "documents">, refs: readonly Ref<T>[]) {
  const distinct = [...new Map(refs.map((one) => [one.id, one])).values()];
  const loaded = (await documents.load(distinct)) as readonly (T | undefined)[];
  return new Map(distinct.map(({ id }, index) => [id, loaded[index]]));
}

/** How these grants stand, in a few reads for all of them. @throws {Unavailable} */
export async function standingsOf(
  context: Pick<Context, "documents" | "clock">,
  grants: readonly Grant[],
): Promise<readonly StandingGrant[]> {
  const now = context.clock.now();
  const [clients, users, sessions] = await Promise.all([
    byId<Client>(
      context,
      grants.map(({ clientId }) => ref.client(clientId)),
    ),
    byId<User>(
      context,
      grants.flatMap(({ userId }) => (userId === null ? [] : [ref.user(userId)])),
    ),
    byId<SessionStanding>(
      context,
      grants.flatMap(({ userId, sessionId, authenticatedAt }) =>
        userId === null || sessionId === null ? [] : [ref.session(userId, sessionId, authenticatedAt ?? 0)],
      ),
    ),
  ]);
  return grants.map((grant) => {
    const { clientId, userId, sessionId, status } = grant;
    if (status === "ended") return { grant, status };
    if (lastsUntil(grant) <= now) return { grant, status: "expired" };
    const lives = livesBy(
      grant,
      clients.get(clientId),
      users.get(userId ?? ""),
      sessions.get(sessionId ?? ""),
    );
    return { grant, status: lives ? status : "ended" };
  });
}
