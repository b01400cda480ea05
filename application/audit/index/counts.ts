import type { ClientEvent } from "../../../domain/client/client.ts";
import type { ConsentEvent } from "../../../domain/consent/consent.ts";
import type { Grant, GrantEvent } from "../../../domain/grant/grant.ts";
import type { RefusalCountEvent } from "../../../domain/refusal-count.ts";
import type { ResourceEvent } from "../../../domain/resource/resource.ts";
import type { SessionEvent } from "../../../domain/session/session.ts";
import type { SigningKeyEvent } from "../../../domain/signing-key/signing-key.ts";
import type { UserEvent } from "../../../domain/user/user.ts";
import type { Count } from "../../ports/audit-index.ts";
import type { Observed, Recall } from "./observed.ts";

/** What one event counts as, and of which client. */
interface Counted {
  readonly what: string;
  readonly clientId?: string | null | undefined;
  /** 1 where it is not said. */
  readonly count?: number;
}

type CountedEvent =
  | GrantEvent
  | SessionEvent
  | RefusalCountEvent
  | UserEvent
  | ClientEvent
  | ResourceEvent
  | ConsentEvent
  | SigningKeyEvent;

/** Milliseconds. */
export const dayLength = 86_400_000;

/** Where the block is remembered in the clear, sealed, that a blind index stands for. */
export const blockKey = (block: string): string => `block:${block}`;

const grant =
  (what: string) =>
  ({ grant: { clientId } }: { readonly grant: Grant }): Counted => ({ what, clientId });

const client =
  (what: string) =>
  ({ client: { clientId } }: { readonly client: { readonly clientId: string } }): Counted => ({
    what,
    clientId,
  });

const consent =
  (what: string) =>
  ({ consent: { clientId } }: { readonly consent: { readonly clientId: string } }): Counted => ({
    what,
    clientId,
  });

const plain = (what: string) => (): Counted => ({ what });

/** Every `issued.…` is one access token. A client_credentials token is a grant of its own. */
const counters: {
  readonly [Type in CountedEvent["type"]]?: (
    data: Extract<CountedEvent, { readonly type: Type }>["data"],
  ) => Counted;
} = {
  "grant.authorized": grant("granted.authorization_code"),
  "grant.client_credentials.issued": grant("issued.client_credentials"),
  "grant.code.redeemed": grant("issued.authorization_code"),
  "grant.refresh_token.rotated": grant("issued.refresh_token"),
  "grant.refresh_token.repeated": grant("issued.repeat"),
  "grant.refresh_token.reused": grant("detected.refresh_token_reused"),
  "grant.code.replayed": grant("detected.code_replayed"),
  "grant.access_token.revoked": grant("revoked.access_token"),
  "grant.revoked": ({ grant: { clientId, reason } }) => ({ what: `revoked.${reason}`, clientId }),
  "session.started": ({ session: { kind, openedBy } }) => ({
    what: `started.${kind}`,
    clientId: openedBy?.clientId,
  }),
  "session.ended": ({ session: { openedBy }, reason }) => ({
    what: `ended.${reason}`,
    clientId: openedBy?.clientId,
  }),
  "refusals.counted": ({ kind, clientId, count }) => ({ what: `refused.${kind}`, clientId, count }),
  "user.registered": plain("user.registered"),
  "user.password_changed": plain("user.password_changed"),
  "user.password_hash_renewed": plain("user.password_hash_renewed"),
  "user.scopes_changed": plain("user.scopes_changed"),
  "user.disabled": plain("user.disabled"),
  "user.enabled": plain("user.enabled"),
  "user.signed_out_everywhere": plain("user.signed_out_everywhere"),
  "user.erased": plain("user.erased"),
  "client.registered": client("client.registered"),
  "client.updated": client("client.updated"),
  "client.secret_rotated": client("client.secret_rotated"),
  "client.secret_hash_renewed": client("client.secret_hash_renewed"),
  "client.disabled": client("client.disabled"),
  "client.enabled": client("client.enabled"),
  "client.deleted": client("client.deleted"),
  "client.tokens_ended": client("client.tokens_ended"),
  "resource.registered": plain("resource.registered"),
  "resource.secret_rotated": plain("resource.secret_rotated"),
  "resource.disabled": plain("resource.disabled"),
  "resource.enabled": plain("resource.enabled"),
  "consent.given": consent("consent.given"),
  "consent.withdrawn": consent("consent.withdrawn"),
  "signing_keys.rotated": plain("signing_keys.rotated"),
  "signing_keys.replaced": plain("signing_keys.replaced"),
};

const counterOf = counters as Readonly<Record<string, ((data: never) => Counted) | undefined>>;

/**
 * What an event adds to the numbers of its day (UTC): for all, for its client where it is of one, and for the block of
 * addresses where somebody signed in. Nothing for an event that is not counted.
 */
export function countsOf({ stored, event, network }: Observed, recall: Recall): readonly Count[] {
  const counted = counterOf[event.type]?.(event.data as never);
  if (!counted) return [];
  const { what, clientId, count = 1 } = counted;
  const day = Math.floor(stored.time / dayLength);
  const counts: Count[] = [{ day, what, dimension: "all", value: "", count }];
  if (typeof clientId === "string") counts.push({ day, what, dimension: "client", value: clientId, count });
  if (network && event.type === "session.started") {
    const { block, sealedBlock } = network;
    counts.push({ day, what, dimension: "block", value: block, count });
    if (recall.get(blockKey(block)) === undefined) recall.set(blockKey(block), sealedBlock);
  }
  return counts;
}
