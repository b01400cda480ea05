import type { AuditRecord, Subject } from "../record.ts";

/** An object of the schema. Members that are undefined are not written. */
export type OcsfObject = Readonly<Record<string, unknown>>;

/** Ids of `user.type_id`. */
const userTypes = { unknown: 0, person: 1, admin: 2, system: 3, service: 4 } as const;

const person = (uid: string, name?: string): OcsfObject => ({ uid, name, type_id: userTypes.person });

const service = (uid: string): OcsfObject => ({ uid, type_id: userTypes.service });

/** Whoever an event is about: a person, or a client as the account of a service. The schema wants one. */
export function userOf({ userId, clientId }: Partial<Subject>, { personal }: AuditRecord): OcsfObject {
  if (userId !== undefined) return person(userId, personal?.username);
  if (clientId !== undefined) return service(clientId);
  return { name: "unknown", type_id: userTypes.unknown };
}

/** Whoever caused an event, through the client of `clientId` where there is one. */
export function actorOf({ stored }: AuditRecord, clientId: string | undefined): OcsfObject {
  const { actor } = stored.metadata;
  if (actor.startsWith("user:")) return { user: person(actor.slice("user:".length)), app_uid: clientId };
  if (actor.startsWith("client:")) {
    const uid = actor.slice("client:".length);
    return { user: service(uid), app_uid: uid };
  }
  const types: Readonly<Record<string, number>> = { operator: userTypes.admin, system: userTypes.system };
  return { user: { name: actor, type_id: types[actor] ?? userTypes.unknown }, app_uid: clientId };
}

/** The browser or MCP session of an event. */
export const sessionOf = ({ data }: AuditRecord, { sessionId, reason }: Subject, issuer: string) =>
  sessionId === undefined
    ? undefined
    : {
        uid: sessionId,
        issuer,
        created_time: data.startedAt,
        expiration_time: data.expiresAt,
        expiration_reason: reason,
        is_remote: true,
      };

/** A grant, as the session that was authorized; its other id is that of the session it is bound to. */
export const grantOf = ({ data }: AuditRecord, { grantId, sessionId, reason }: Subject, issuer: string) => ({
  uid: grantId,
  uid_alt: sessionId,
  issuer,
  created_time: data.authorizedAt,
  expiration_time: data.expiresAt,
  expiration_reason: reason,
  is_remote: true,
});

/** What is managed: a kind of thing that the schema has no type for, under the id by which it is known here. */
export const entityOf = ({ data, stored }: AuditRecord, type: string): OcsfObject => ({
  uid: data.clientId ?? data.resourceId ?? stored.stream,
  name: data.name,
  type,
  type_id: 99,
});

/** From where a request came, where that may be told. */
export const requestOf = ({ personal }: AuditRecord): OcsfObject => ({
  src_endpoint: personal?.address === undefined ? undefined : { ip: personal.address },
  http_request: personal?.agent === undefined ? undefined : { user_agent: personal.agent },
});
