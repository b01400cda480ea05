import type { User } from "../../domain/user/user.ts";
import type { UsernameReservation } from "../../domain/user/username.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { personalFieldsOf, usernameField } from "../personal-fields.ts";
import { streams } from "../streams.ts";

/** The form in which usernames are compared: NFKC, lower case, no outer spaces. */
export const normaliseUsername = (username: string): string =>
  username.normalize("NFKC").trim().toLowerCase();

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

/** A user's name in the clear, by that person's own key; undefined where the person was erased. */
export async function usernameOf(
  context: Pick<Context, "log" | "secrets">,
  user: User,
): Promise<string | undefined> {
  if (user.status === "erased") return undefined;
  const fields = await personalFieldsOf(context, user.userId);
  return fields?.open(usernameField(user.userId), user.username);
}
