import { type Client, type ClientCommand, clientDecider } from "../../domain/client/client.ts";
import type { RegistrationRequest } from "../../domain/client/metadata.ts";
import { generatedSecret } from "../../domain/oauth/secret.ts";
import type { Context } from "../context.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";
import { checkedMetadata } from "./register-client.ts";

async function change(
  context: Context,
  clientId: string,
  command: (now: number) => ClientCommand,
  metadata: EventMetadata,
): Promise<Client> {
  const { clock } = context;
  return await confirmed(context, {
    stream: streams.client(clientId),
    decider: clientDecider,
    command: () => command(clock.now()),
    metadata,
  });
}

/** Disables, enables or deletes a client; what that ends is dead when this returns. @throws {RefusedError} @throws {Unavailable} */
export const setClientStatus = (
  context: Context,
  clientId: string,
  type: "disable" | "enable" | "delete",
  metadata: EventMetadata,
): Promise<Client> => change(context, clientId, (now) => ({ type, now }), metadata);

/**
 * Gives a client a new secret; the old one stays valid for `overlap` ms, or, where it was compromised, is dead at once
 * with every token issued so far. @throws {RefusedError} @throws {Unavailable}
 */
export async function rotateClientSecret(
  context: Context,
  clientId: string,
  { overlap, compromised }: { readonly overlap: number; readonly compromised: boolean },
  metadata: EventMetadata,
): Promise<{ readonly client: Client; readonly secret: string }> {
  const secret = context.secrets.random();
  const client = await change(
    context,
    clientId,
    (now) => ({
      type: "rotate_secret",
      secret: generatedSecret(secret),
      overlap,
      compromised,
      now,
    }),
    metadata,
  );
  return { client, secret };
}

/** Replaces what a client says of itself (RFC 7592 §2.2), but not the form of its tokens where that is not named; a client that now needs a secret gets one. @throws {RefusedError} */
export async function updateClient(
  context: Context,
  client: Client,
  request: RegistrationRequest,
  metadata: EventMetadata,
): Promise<{ readonly client: Client; readonly secret: string | null }> {
  const checked = checkedMetadata(context.policy, request, client.origin);
  const secret = context.secrets.random();
  const freshSecret = generatedSecret(secret);
  const updated = await change(
    context,
    client.clientId,
    (now) => ({
      type: "update",
      metadata: { ...checked, tokenFormat: request.tokenFormat ?? client.tokenFormat },
      freshSecret,
      now,
    }),
    metadata,
  );
  const isTaken = updated.secrets.some(({ hash }) => hash === freshSecret.hash);
  return { client: updated, secret: isTaken ? secret : null };
}
