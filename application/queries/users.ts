import type { User } from "../../domain/user/user.ts";
import type { UsernameReservation } from "../../domain/user/username.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { streams } from "../streams.ts";

/** The form in which usernames are compared: NFKC, lower case, no outer spaces. */
export const normaliseUsername = (username: string): string =>
  username.normalize("NFKC").trim().toLowerCase();

/** What the encrypted username of a user is bound to. */
export const usernameContext = (userId: string): string => `username of ${userId}`;

/** Who reserved this name, by each version of the index key. */
export async function findReservation(
  { secrets, log }: Pick<Context, "secrets" | "log">,
  username: string,
): Promise<{ readonly index: string; readonly reservation: UsernameReservation } | undefined> {
  for (const { value: index } of secrets.macs("username_index", normaliseUsername(username))) {
    const { event } = await log.last(streams.username(index));
    if (event)
      return { index, reservation: (event.data as { reservation: UsernameReservation }).reservation };
  }
  return undefined;
}

/** The user of this name; undefined where there is none. */
export async function findUser(
  context: Pick<Context, "secrets" | "log" | "documents">,
  username: string,
): Promise<User | undefined> {
  const found = await findReservation(context, username);
  if (!found) return undefined;
  const [user] = await context.documents.load([ref.user(found.reservation.userId)]);
  return user;
}

/** A user's name in the clear, by that person's own key; undefined where the key is gone. */
export async function usernameOf(
  { documents, secrets }: Pick<Context, "documents" | "secrets">,
  { userId, username }: User,
): Promise<string | undefined> {
  const [key] = await documents.load([ref.subjectKey(userId)]);
  return key && secrets.openWith(key.wrappedKey, usernameContext(userId), username);
}
