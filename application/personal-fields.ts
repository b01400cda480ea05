import type { SubjectKey } from "../domain/user/subject-key.ts";
import type { Context } from "./context.ts";
import type { WrappedKey } from "./ports/secrets.ts";
import { streams } from "./streams.ts";

/** Encrypts and reads what is known of one person, each value bound to the field that it belongs to. */
export interface PersonalFields {
  seal(field: string, value: string): string;
  /** Undefined where the value was not sealed for this field of this person. */
  open(field: string, sealed: string): string | undefined;
}

type Dependencies = Pick<Context, "log" | "secrets">;

/** What a person's data key is bound to; named as the first field was that it encrypted. */
export const keyContextOf = (userId: string): string => `username of ${userId}`;

/** The field of the username. */
export const usernameField = (userId: string): string => `username of ${userId}`;

/** Where a session is used. */
export const originField = (sessionId: string): string => `origin of ${sessionId}`;

/** Over a person's data key. */
export const personalFields = (
  secrets: Context["secrets"],
  { userId, wrappedKey }: Pick<SubjectKey, "userId" | "wrappedKey">,
): PersonalFields => {
  const key: WrappedKey = { wrapped: wrappedKey, context: keyContextOf(userId) };
  return {
    seal: (field, value) => secrets.sealWith(key, value, field),
    open: (field, sealed) => secrets.openWith(key, sealed, field),
  };
};

/**
 * Over the key that the log holds of this person; undefined once it was erased. The key stands in the log alone, so that
 * nothing else need forget it.
 */
export async function personalFieldsOf(
  { log, secrets }: Dependencies,
  userId: string,
): Promise<PersonalFields | undefined> {
  const { event } = await log.last(streams.subjectKey(userId));
  return event && personalFields(secrets, (event.data as { subjectKey: SubjectKey }).subjectKey);
}
