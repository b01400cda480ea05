import type { Client } from "../../domain/client/client.ts";
import type { DomainEvent } from "../../domain/decider.ts";
import type { Grant } from "../../domain/grant/grant.ts";
import type { User } from "../../domain/user/user.ts";
import { type Ref, ref } from "../documents.ts";
import { decode } from "../events/catalog.ts";
import type { StoredEvent } from "../ports/event-store.ts";
import { term } from "./index/terms.ts";
import { eventAt, type Past, type PastDependencies } from "./past.ts";
import type { Reasons } from "./reason.ts";
import { addRestoreBehind } from "./restored.ts";

/** Events of one stream that are looked through for the one that made a difference. */
const maxLookedThrough = 1_000;

/** The first event that any of these terms finds, from one position to another, of which something is true. */
export async function firstEvent(
  dependencies: PastDependencies,
  terms: readonly string[],
  range: { readonly from?: bigint; readonly to: bigint },
  isIt: (event: DomainEvent, stored: StoredEvent) => boolean,
): Promise<StoredEvent | undefined> {
  for (const found of dependencies.index.find(terms, { ...range, limit: maxLookedThrough })) {
    const stored = await eventAt(dependencies, found);
    if (stored && isIt(decode(stored), stored)) return stored;
  }
  return undefined;
}

/** The event by which the epoch of a holder went beyond the one that a grant began with. */
const raising = (
  dependencies: PastDependencies,
  { stream, from }: Ref<{ readonly epoch: number }>,
  epoch: number,
  to: bigint,
) => firstEvent(dependencies, [term.stream(stream)], { to }, (event) => (from(event)?.epoch ?? 0) > epoch);

/** Adds by which event all that a holder had was ended, and why, where it was for a restore. */
async function addEnding(
  dependencies: PastDependencies,
  whose: "client" | "user",
  ending: StoredEvent,
  reasons: Reasons,
): Promise<void> {
  reasons.add(false, `all that the ${whose} had was ended`, ending);
  await addRestoreBehind(dependencies, ending, reasons);
}

async function addClient(dependencies: PastDependencies, past: Past, grant: Grant, reasons: Reasons) {
  const found = await past.state(ref.client(grant.clientId));
  if (!found) return reasons.add(false, `the log knew no client ${grant.clientId}`);
  const { document: client, event } = found;
  if (client.epoch !== grant.clientEpoch)
    return await addEnding(
      dependencies,
      "client",
      (await raising(dependencies, ref.client(grant.clientId), grant.clientEpoch, past.position)) ?? event,
      reasons,
    );
  if (client.status !== "active") return reasons.add(false, "the client could not act", event);
  reasons.add(true, "the client could act", event);
}

async function addUser(dependencies: PastDependencies, past: Past, grant: Grant, reasons: Reasons) {
  const { userId, userEpoch } = grant;
  if (userId === null || userEpoch === null) return;
  const found = await past.state(ref.user(userId));
  if (!found) return reasons.add(false, `the log knew no user ${userId}`);
  const { document: user, event } = found;
  if (user.status === "erased") return reasons.add(false, "the user was erased", event);
  if (user.epoch !== userEpoch)
    return await addEnding(
      dependencies,
      "user",
      (await raising(dependencies, ref.user(userId) as Ref<User>, userEpoch, past.position)) ?? event,
      reasons,
    );
  if (user.status !== "active") return reasons.add(false, "the user could not act", event);
  reasons.add(true, "the user could act", event);
}

async function addSession(dependencies: PastDependencies, past: Past, grant: Grant, reasons: Reasons) {
  const { sessionId, userId, authenticatedAt } = grant;
  if (sessionId === null || userId === null) return;
  const found = await past.state(ref.session(userId, sessionId, authenticatedAt ?? 0));
  const { position: to } = past;
  const of = (type: string) =>
    firstEvent(
      dependencies,
      [term.session(sessionId)],
      { to },
      (event) => event.type === type && sessionIn(event) === sessionId,
    );
  if (found?.document.isEndedOnPurpose)
    return reasons.add(
      false,
      "the session that it was bound to was ended on purpose",
      await of("session.ended"),
    );
  const ended = found?.document.isLive ? undefined : await of("session.ended");
  if (ended)
    return reasons.add(true, "the session that it was bound to had ended, which ends no token", ended);
  reasons.add(found !== undefined, "it was bound to a session", await of("session.started"));
}

const sessionIn = ({ data }: DomainEvent): string | undefined =>
  (data as { readonly session?: { readonly sessionId: string } }).session?.sessionId;

/** Adds whether all that a grant lived by was alive then, and by which events. @throws {Gone} */
export async function addHolders(
  dependencies: PastDependencies,
  past: Past,
  grant: Grant,
  reasons: Reasons,
): Promise<void> {
  await addClient(dependencies, past, grant, reasons);
  await addUser(dependencies, past, grant, reasons);
  await addSession(dependencies, past, grant, reasons);
}

/** What client and user had then; what is not known is no limit. */
export async function scopesThen(past: Past, grant: Grant) {
  const client = await past.state<Client>(ref.client(grant.clientId));
  const user = grant.userId === null ? undefined : await past.state<User>(ref.user(grant.userId));
  return { client: client?.document.scopes ?? [], user: user?.document.scopes ?? null };
}
