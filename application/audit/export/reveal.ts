import type { AuditReveal, AuditRevealEvent } from "../../../domain/audit-reveal.ts";
import type { DomainEvent } from "../../../domain/decider.ts";
import type { Session } from "../../../domain/session/session.ts";
import type { RegisteredUser } from "../../../domain/user/user.ts";
import type { Context } from "../../context.ts";
import { type PersonalFields, personalFieldsOf, usernameField } from "../../personal-fields.ts";
import type { ErasureList } from "../../ports/erasure-list.ts";
import { type EventMetadata, WrongExpectedRevision } from "../../ports/event-store.ts";
import { isPerson, openClientOrigin, openOrigin } from "../../session-origin.ts";
import { streams } from "../../streams.ts";

/** What an event says of a person, in the clear. */
export interface Personal {
  readonly username?: string | undefined;
  readonly address?: string | undefined;
  /** The User-Agent of the request. */
  readonly agent?: string | undefined;
}

export interface RevealDependencies extends Pick<Context, "log" | "secrets"> {
  readonly erasureList: Pick<ErasureList, "all">;
}

/**
 * Opens the personal fields of events, by the keys of their people. Made anew for every few events, since the log alone
 * holds those keys and whoever is erased meanwhile is to be shown no more.
 */
export async function createOpener({
  log,
  secrets,
  erasureList,
}: RevealDependencies): Promise<(event: DomainEvent) => Promise<Personal | undefined>> {
  const erased = new Set(await erasureList.all());
  const known = new Map<string, Promise<PersonalFields | undefined>>();

  async function fieldsOf(userId: string): Promise<PersonalFields | undefined> {
    if (erased.has(userId)) return undefined;
    const fields = known.get(userId) ?? personalFieldsOf({ log, secrets }, userId);
    known.set(userId, fields);
    return await fields;
  }

  const originOf = async (session: Session): Promise<Personal | undefined> =>
    isPerson(session.userId)
      ? openOrigin(await fieldsOf(session.userId), session)
      : openClientOrigin({ secrets }, session);

  async function nameOf({ userId, username }: RegisteredUser): Promise<Personal | undefined> {
    const opened = (await fieldsOf(userId))?.open(usernameField(userId), username);
    return opened === undefined ? undefined : { username: opened };
  }

  return async ({ type, data }) => {
    const { session, user } = data as { readonly session?: Session; readonly user?: RegisteredUser };
    if (type.startsWith("session.") && session) return await originOf(session);
    if (type.startsWith("user.") && type !== "user.erased" && user) return await nameOf(user);
    return undefined;
  };
}

/** Records that personal fields are about to be given out, before the first of them is. @throws {Unavailable} */
export async function recordReveal(
  { log, clock }: Pick<Context, "log" | "clock">,
  reveal: Omit<AuditReveal, "at">,
  metadata: EventMetadata,
): Promise<void> {
  const event: AuditRevealEvent = { type: "audit.revealed", data: { at: clock.now(), ...reveal } };
  for (;;) {
    const { revision } = await log.last(streams.audit);
    try {
      await log.append(streams.audit, [event], revision, metadata);
      return;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
    }
  }
}
