import { type ClientCommand, clientDecider } from "../../domain/client/client.ts";
import { type RegisteredUser, type UserCommand, userDecider } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { type EventMetadata, Unavailable } from "../ports/event-store.ts";
import { streams } from "../streams.ts";

/** What fails now is done by the next one whose password is right: nobody is turned away for it. */
async function whereItCan(renew: () => Promise<unknown>): Promise<void> {
  try {
    await renew();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
}

/** Replaces the hash of a password that was just right where another product made it; nothing ends by that. */
export async function renewPasswordHash(
  { handle, passwords, clock }: Pick<Context, "handle" | "passwords" | "clock">,
  { userId, passwordHash: from }: RegisteredUser,
  password: string,
  metadata: EventMetadata,
): Promise<void> {
  if (passwords.isCurrent(from) || !passwords.isWhole(password, from)) return;
  await whereItCan(async () => {
    const passwordHash = await passwords.hash(password);
    await handle({
      stream: streams.user(userId),
      decider: userDecider,
      command: (): UserCommand => ({ type: "renew_password_hash", from, passwordHash, now: clock.now() }),
      metadata: { ...metadata, actor: `user:${userId}` },
    });
  });
}

/** Replaces the hash of a client's secret that was just right, and that another product made; nothing ends by that. */
export async function renewSecretHash(
  { handle, clientSecrets, clock }: Pick<Context, "handle" | "clientSecrets" | "clock">,
  {
    clientId,
    from,
    presented,
  }: { readonly clientId: string; readonly from: string; readonly presented: string },
  metadata: EventMetadata,
): Promise<void> {
  if (!clientSecrets.isWhole(presented, from)) return;
  await whereItCan(async () => {
    const hash = await clientSecrets.hash(presented);
    await handle({
      stream: streams.client(clientId),
      decider: clientDecider,
      command: (): ClientCommand => ({
        type: "renew_secret_hash",
        from,
        secret: { kind: "argon2id", hash },
        now: clock.now(),
      }),
      metadata: { ...metadata, actor: `client:${clientId}` },
    });
  });
}
