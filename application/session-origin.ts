import type { Session } from "../domain/session/session.ts";
import type { Context } from "./context.ts";
import { originField, type PersonalFields, personalFieldsOf } from "./personal-fields.ts";

/** From where a session is opened or used: the address and the User-Agent of the request. */
export interface SessionOrigin {
  readonly address: string;
  readonly agent: string;
}

type Dependencies = Pick<Context, "log" | "secrets">;

/** Whether a session is of a person, under whose key its place is; otherwise it is of a client that acts for itself. */
export const isPerson = (ownerId: string): boolean => ownerId.startsWith("u_");

/** Encrypts it under the key of the person whose session it is; null for one who was erased. */
export async function sealOrigin(
  context: Dependencies,
  { userId, sessionId }: Pick<Session, "userId" | "sessionId">,
  origin: SessionOrigin,
): Promise<string | null> {
  const fields = await personalFieldsOf(context, userId);
  return fields?.seal(originField(sessionId), JSON.stringify(origin)) ?? null;
}

/** The same for the session of a client that acts for itself, under a key of the deployment. */
export const sealClientOrigin = (
  { secrets }: Pick<Context, "secrets">,
  sessionId: string,
  origin: SessionOrigin,
): string => secrets.seal("session_origin", JSON.stringify(origin), originField(sessionId));

/** The same in the clear; undefined where it is not known any more. */
export function openClientOrigin(
  { secrets }: Pick<Context, "secrets">,
  { sessionId, origin }: Session,
): SessionOrigin | undefined {
  const opened = origin === null ? undefined : secrets.open("session_origin", origin, originField(sessionId));
  return opened === undefined ? undefined : JSON.parse(opened);
}

/** In the clear, by the key of the person who reads; undefined where it is not known any more. */
export function openOrigin(
  fields: PersonalFields | undefined,
  { sessionId, origin }: Session,
): SessionOrigin | undefined {
  const opened = origin === null ? undefined : fields?.open(originField(sessionId), origin);
  return opened === undefined ? undefined : JSON.parse(opened);
}

/**
 * What a session is to say of its place once it was used from here: sealed anew where the address is another than the one
 * that it names; undefined where it stays the same, or the person was erased.
 */
export async function movedOrigin(
  context: Dependencies,
  session: Session,
  from: SessionOrigin,
): Promise<string | undefined> {
  const { userId, sessionId } = session;
  if (!isPerson(userId)) {
    const known = openClientOrigin(context, session);
    return known?.address === from.address ? undefined : sealClientOrigin(context, sessionId, from);
  }
  const fields = await personalFieldsOf(context, userId);
  if (openOrigin(fields, session)?.address === from.address) return undefined;
  return fields?.seal(originField(sessionId), JSON.stringify(from));
}
