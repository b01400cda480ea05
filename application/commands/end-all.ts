import { type Client, type ClientCommand, clientDecider } from "../../domain/client/client.ts";
import { type Consent, type ConsentCommand, consentDecider } from "../../domain/consent/consent.ts";
import { isRefusal } from "../../domain/oauth/refusal.ts";
import { type User, type UserCommand, userDecider } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { decode } from "../events/catalog.ts";
import { concurrently } from "../jobs/concurrently.ts";
import type { EventMetadata, EventStore } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { endOlderSessions } from "./manage-users.ts";

export interface EndAllDependencies extends Pick<Context, "handle" | "clock"> {
  readonly store: Pick<EventStore, "readAll" | "lastPosition">;
}

/** What an event says that something begins with. */
interface Begun {
  readonly user?: User;
  readonly client?: Client;
  readonly consent?: Consent;
}

/** Of whom all sessions and tokens were ended. */
export interface Ended {
  readonly users: number;
  readonly clients: number;
}

export interface EndAllOptions {
  readonly signal: AbortSignal;
  /** Told the position that is reached, and the one where it ends. */
  readonly progress: (position: bigint, end: bigint) => void;
}

const pageSize = 2_000;
/** Users and clients that are ended at once: they share the fsync of a commit. */
const atOnce = 500;

/** Answers no for somebody who has nothing to end: who was erased. */
async function endUser(
  dependencies: EndAllDependencies,
  userId: string,
  metadata: EventMetadata,
): Promise<boolean> {
  const { handle, clock } = dependencies;
  const { answer: user } = await handle({
    stream: streams.user(userId),
    decider: userDecider,
    command: (): UserCommand => ({ type: "sign_out_everywhere", now: clock.now() }),
    metadata,
  });
  if (isRefusal(user)) return false;
  await endOlderSessions(dependencies, user, metadata);
  return true;
}

/** Answers no for a client that was deleted. */
async function endClient(
  dependencies: EndAllDependencies,
  clientId: string,
  metadata: EventMetadata,
): Promise<boolean> {
  const { handle, clock } = dependencies;
  const { answer: client } = await handle({
    stream: streams.client(clientId),
    decider: clientDecider,
    command: (): ClientCommand => ({ type: "end_tokens", now: clock.now() }),
    metadata,
  });
  if (isRefusal(client)) return false;
  // The MCP sessions of a client that acts for itself, which know no epoch but the first.
  await endOlderSessions(dependencies, { userId: clientId, epoch: 1 }, metadata);
  return true;
}

/** A consent that was withdrawn after the backup would be remembered again, and an app given a code without a page. */
async function withdrawConsent(
  { handle, clock }: EndAllDependencies,
  { userId, clientId }: Consent,
  metadata: EventMetadata,
): Promise<void> {
  await handle({
    stream: streams.consent(userId, clientId),
    decider: consentDecider,
    command: (): ConsentCommand => ({ type: "withdraw", userId, clientId, now: clock.now() }),
    metadata,
  });
}

/** What there is to end, by the event that it began with. */
const beginnings: readonly string[] = ["user.registered", "client.registered", "consent.given"];

/**
 * Ends every session and token that the log tells of: by one event for each user and each client, on which all grants hang,
 * and one for each session; withdraws every consent. Whom the log gets meanwhile keeps what it has. It may be stopped and run again.
 * @throws {Unavailable} also where an event cannot be read: nobody is left out @throws the signal's reason
 */
export async function endAll(
  dependencies: EndAllDependencies,
  metadata: EventMetadata,
  { signal, progress }: EndAllOptions,
): Promise<Ended> {
  const { store } = dependencies;
  const end = await store.lastPosition();
  let [users, clients] = [0, 0];
  for (let position = 0n; position < end; ) {
    const page = (await store.readAll(position, pageSize)).filter((event) => event.position <= end);
    await concurrently(
      page.filter(({ type }) => beginnings.includes(type)),
      atOnce,
      signal,
      async (event) => {
        const { user, client, consent } = decode(event).data as Begun;
        if (user && (await endUser(dependencies, user.userId, metadata))) users += 1;
        if (client && (await endClient(dependencies, client.clientId, metadata))) clients += 1;
        if (consent) await withdrawConsent(dependencies, consent, metadata);
      },
    );
    signal.throwIfAborted();
    position = page.at(-1)?.position ?? end;
    progress(position, end);
  }
  return { users, clients };
}
