import type { Session } from "../domain/session/session.ts";
import type { Context } from "./context.ts";
import { originField, type PersonalFields, personalFieldsOf } from "./personal-fields.ts";

/** From where a session was opened: the address and the User-Agent of the request. */
export interface SessionOrigin {
  readonly address: string;
  readonly agent: string;
}

type Dependencies = Pick<Context, "log" | "secrets">;

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

/** In the clear, by the key of the person who reads; undefined where it is not known any more. */
export function openOrigin(
  fields: PersonalFields | undefined,
  { sessionId, origin }: Session,
): SessionOrigin | undefined {
  const opened = origin === null ? undefined : fields?.open(originField(sessionId), origin);
  return opened === undefined ? undefined : JSON.parse(opened);
}
