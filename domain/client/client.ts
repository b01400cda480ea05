import { accept, type Decider, type Decision, type DomainEvent } from "../decider.ts";
import type { ApplicationType } from "../oauth/redirect-uri.ts";
import { type Refusal, refusal } from "../oauth/refusal.ts";
import type { Scope } from "../oauth/scope.ts";
import { rotateSecret, type StoredSecret } from "../oauth/secret.ts";

export type GrantType = "authorization_code" | "refresh_token" | "client_credentials";
export type AuthMethod = "none" | "client_secret_basic" | "client_secret_post" | "private_key_jwt";
export type TokenFormat = "jwt" | "opaque";

/** What a client may say of itself, checked (RFC 7591 §2). */
export interface ClientMetadata {
  readonly name: string;
  readonly type: "public" | "confidential";
  readonly applicationType: ApplicationType;
  readonly authMethods: readonly AuthMethod[];
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly GrantType[];
  readonly scopes: Scope;
  readonly tokenFormat: TokenFormat;
  /** Public keys for private_key_jwt: by value or by reference. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | null;
  readonly jwksUri: string | null;
  readonly clientUri: string | null;
  readonly softwareId: string | null;
}

/** A registered client. */
export interface Client extends ClientMetadata {
  readonly clientId: string;
  /** Who vouches for it: the operator, or nobody but itself (RFC 7591 registration). */
  readonly origin: "operator" | "self_registered";
  readonly secrets: readonly StoredSecret[];
  /** Hash of the registration access token (RFC 7592 §3). */
  readonly registrationTokenHash: string | null;
  /** Raised by all that must end every token of this client at once. */
  readonly epoch: number;
  readonly status: "active" | "disabled" | "deleted";
  readonly registeredAt: number;
}

export type ClientEvent =
  | DomainEvent<"client.registered", { client: Client }>
  | DomainEvent<"client.updated", { at: number; client: Client }>
  | DomainEvent<"client.secret_rotated", { compromised: boolean; at: number; client: Client }>
  | DomainEvent<"client.secret_hash_renewed", { at: number; client: Client }>
  | DomainEvent<"client.disabled", { at: number; client: Client }>
  | DomainEvent<"client.enabled", { at: number; client: Client }>
  | DomainEvent<"client.deleted", { at: number; client: Client }>
  | DomainEvent<"client.tokens_ended", { at: number; client: Client }>;

export type ClientCommand =
  | {
      readonly type: "register";
      readonly client: Omit<Client, "epoch" | "status">;
      /** Whether it may do nothing yet. */
      readonly isDisabled?: boolean | undefined;
    }
  | {
      readonly type: "update";
      readonly metadata: ClientMetadata;
      /** Taken where the client needs a secret and has none. */
      readonly freshSecret: StoredSecret;
      readonly now: number;
    }
  | {
      readonly type: "rotate_secret";
      readonly secret: Omit<StoredSecret, "validUntil">;
      /** How long (ms) the old secret stays valid. */
      readonly overlap: number;
      /** The old secret is in wrong hands: no overlap, and every token issued so far is dead. */
      readonly compromised: boolean;
      readonly now: number;
    }
  | {
      /** The same secret, hashed anew: nothing that it opened ends. */
      readonly type: "renew_secret_hash";
      /** Hash of the secret that was checked; nothing is done where the client has it no more. */
      readonly from: string;
      readonly secret: Omit<StoredSecret, "validUntil">;
      readonly now: number;
    }
  | { readonly type: "disable" | "enable" | "delete" | "end_tokens"; readonly now: number };

type ClientDecision = Decision<ClientEvent, Client | Refusal>;

/** Whether clients that authenticate like this hold a secret that we make. */
export const usesSecret = (methods: readonly AuthMethod[]): boolean =>
  methods.some((method) => method === "client_secret_basic" || method === "client_secret_post");

function update(
  { metadata, freshSecret, now }: Extract<ClientCommand, { type: "update" }>,
  client: Client,
): ClientDecision {
  const isSecretNeeded = usesSecret(metadata.authMethods);
  const kept = isSecretNeeded ? client.secrets : [];
  const secrets = isSecretNeeded && kept.length === 0 ? [freshSecret] : kept;
  const after: Client = { ...client, ...metadata, secrets };
  if (JSON.stringify(after) === JSON.stringify(client)) return accept([], client);
  return accept([{ type: "client.updated", data: { at: now, client: after } }], after);
}

function rotate(command: Extract<ClientCommand, { type: "rotate_secret" }>, client: Client): ClientDecision {
  const { secret, overlap, compromised, now } = command;
  if (!usesSecret(client.authMethods))
    return accept([], refusal("invalid_client_metadata", "The client has no secret"));
  const secrets = rotateSecret(client.secrets, secret, compromised ? 0 : overlap, now);
  const after: Client = { ...client, secrets, epoch: compromised ? client.epoch + 1 : client.epoch };
  return accept([{ type: "client.secret_rotated", data: { compromised, at: now, client: after } }], after);
}

function renew(
  { from, secret, now }: Extract<ClientCommand, { type: "renew_secret_hash" }>,
  client: Client,
): ClientDecision {
  if (!client.secrets.some(({ hash }) => hash === from)) return accept([], client);
  const secrets = client.secrets.map((known) => (known.hash === from ? { ...known, ...secret } : known));
  const after: Client = { ...client, secrets };
  return accept([{ type: "client.secret_hash_renewed", data: { at: now, client: after } }], after);
}

/** The rules of one client. What ends access raises the epoch, so that one event ends all of it and nothing revives it. */
export const clientDecider: Decider<Client | undefined, ClientCommand, ClientEvent, Client | Refusal> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.client,
  decide(command, client) {
    if (command.type === "register") {
      if (client) return accept([], refusal("invalid_request", "The client exists already"));
      const status = command.isDisabled ? "disabled" : "active";
      const registered: Client = { ...command.client, epoch: 0, status };
      return accept([{ type: "client.registered", data: { client: registered } }], registered);
    }
    if (!client || client.status === "deleted")
      return accept([], refusal("invalid_request", "There is no such client"));
    switch (command.type) {
      case "update":
        return update(command, client);
      case "rotate_secret":
        return rotate(command, client);
      case "renew_secret_hash":
        return renew(command, client);
      case "disable": {
        if (client.status === "disabled") return accept([], client);
        const after: Client = { ...client, epoch: client.epoch + 1, status: "disabled" };
        return accept([{ type: "client.disabled", data: { at: command.now, client: after } }], after);
      }
      case "enable": {
        if (client.status === "active") return accept([], client);
        const after: Client = { ...client, status: "active" };
        return accept([{ type: "client.enabled", data: { at: command.now, client: after } }], after);
      }
      case "delete": {
        const after: Client = { ...client, epoch: client.epoch + 1, status: "deleted" };
        return accept([{ type: "client.deleted", data: { at: command.now, client: after } }], after);
      }
      case "end_tokens": {
        const after: Client = { ...client, epoch: client.epoch + 1 };
        return accept([{ type: "client.tokens_ended", data: { at: command.now, client: after } }], after);
      }
    }
  },
};
