import { type AuditRecord, subjectOf } from "../record.ts";
import type { ToldType } from "../told/index.ts";
import {
  accountChange,
  authentication,
  authorizeSession,
  baseEvent,
  entityManagement,
  type OcsfClass,
  type Severity,
  userAccess,
} from "./classes.ts";

/** What an event is in the schema. */
export interface Mapping {
  readonly class: OcsfClass;
  /** An activity of the class by its id, or in our own words where it has none for it. */
  readonly activity: number | string;
  readonly severity: Severity;
  /** What kind of thing it is that is managed. */
  readonly entity?: string;
}

const as = (of: OcsfClass, activity: number | string, severity: Severity = "informational"): Mapping => ({
  class: of,
  activity,
  severity,
});

const managed = (entity: string, activity: number, severity?: Severity): Mapping => ({
  ...as(entityManagement, activity, severity),
  entity,
});

/** Work of the deployment on itself, for which the schema has no class: told all the same, so that nothing is missing. */
const ownWork = (activity: string): Mapping => as(baseEvent, activity);

/** A client or an account whose tokens died because somebody else had its secret. */
const compromised = "medium";

const byType: Readonly<Record<ToldType, Mapping>> = {
  "grant.authorized": as(authorizeSession, 1),
  "grant.client_credentials.issued": as(authorizeSession, 1),
  "grant.code.redeemed": as(authorizeSession, 1),
  "grant.refresh_token.rotated": as(authorizeSession, 1),
  "grant.refresh_token.repeated": as(authorizeSession, 1),
  "grant.access_token.revoked": as(authorizeSession, "Revoke Privileges"),
  "grant.code.replayed": as(authorizeSession, 1, "high"),
  "grant.refresh_token.reused": as(authorizeSession, 1, "high"),
  "grant.revoked": as(authorizeSession, "Revoke Privileges"),
  "session.started": as(authentication, 1),
  "session.slid": as(authentication, "Extend Session"),
  "session.ended": as(authentication, 2),
  "user.registered": as(accountChange, 1),
  "user.password_changed": as(accountChange, 3),
  "user.password_hash_renewed": as(accountChange, "Renew Password Hash"),
  "user.scopes_changed": as(userAccess, "Replace Privileges"),
  "user.disabled": as(accountChange, 5),
  "user.enabled": as(accountChange, 2),
  "user.signed_out_everywhere": as(authentication, 2),
  "user.erased": as(accountChange, 6),
  "erasure.requested": as(accountChange, "Request Erasure"),
  "erasure.completed": as(accountChange, "Complete Erasure"),
  "username.reserved": ownWork("Reserve Username"),
  "subject_key.created": ownWork("Create Data Key"),
  "consent.given": as(userAccess, 1),
  "consent.withdrawn": as(userAccess, 2),
  "client.registered": managed("OAuth Client", 1),
  "client.updated": managed("OAuth Client", 3),
  "client.secret_rotated": managed("OAuth Client", 3),
  "client.secret_hash_renewed": managed("OAuth Client", 3),
  "client.disabled": managed("OAuth Client", 9),
  "client.enabled": managed("OAuth Client", 8),
  "client.deleted": managed("OAuth Client", 4),
  "client.tokens_ended": managed("OAuth Client", 3),
  "client.assertion.used": as(authentication, "Authenticate Client"),
  "resource.registered": managed("Protected Resource", 1),
  "resource.secret_rotated": managed("Protected Resource", 3),
  "resource.disabled": managed("Protected Resource", 9),
  "resource.enabled": managed("Protected Resource", 8),
  "signing_keys.created": managed("Signing Keys", 1),
  "signing_keys.rotated": managed("Signing Keys", 3),
  "signing_keys.removed": managed("Signing Keys", 4),
  "signing_keys.replaced": managed("Signing Keys", 3, "medium"),
  "refusals.counted": as(baseEvent, "Refuse Requests", "low"),
  "projection.retried": ownWork("Retry Projection"),
  "closure.completed": ownWork("Complete Closure"),
  "retention.applied": ownWork("Apply Retention"),
  "score.added": ownWork("Add Score"),
  "library.reset": ownWork("Reset Library"),
  "idempotency_key.used": ownWork("Use Idempotency Key"),
  "idempotency_key.repeated": ownWork("Repeat Request by Idempotency Key"),
  "audit.revealed": managed("Personal Data in the Audit Log", 2, "low"),
  "log.restored": { ...ownWork("Restore Log"), severity: "medium" },
};

const known: Readonly<Record<string, Mapping>> = byType;

/** Refusals that are failed authentications, by what they are counted as. */
const failedLogon = / (?:wrong_password|invalid_client)$/;

const theftReasons: ReadonlySet<string | undefined> = new Set(["code_replayed", "refresh_token_reused"]);

/** What a record is in the schema; of a type that is not known here, a base event. */
export function mappingOf(record: AuditRecord): Mapping {
  const { stored, data } = record;
  const mapping = known[stored.type] ?? ownWork("Record Event");
  const { reason, userId } = subjectOf(record);
  if (stored.type === "refusals.counted" && failedLogon.test(reason ?? ""))
    return { ...mapping, class: authentication, activity: 1 };
  // Somebody else set it.
  if (stored.type === "user.password_changed" && stored.metadata.actor !== `user:${userId}`)
    return { ...mapping, activity: 4 };
  if (data.compromised === true || (stored.type === "grant.revoked" && theftReasons.has(reason)))
    return { ...mapping, severity: compromised };
  return mapping;
}
