import type { RecordWriter } from "../formats.ts";
import { type AuditRecord, outcomeOf, type Subject, subjectOf } from "../record.ts";
import {
  accountChange,
  authentication,
  authorizeSession,
  baseEvent,
  entityManagement,
  type OcsfClass,
  schemaVersion,
  severities,
  userAccess,
} from "./classes.ts";
import { type Mapping, mappingOf } from "./mapping.ts";
import { actorOf, entityOf, grantOf, type OcsfObject, requestOf, sessionOf, userOf } from "./objects.ts";

/** What wrote the events: the server by its issuer, and the version of this package. */
export interface OcsfProduct {
  readonly issuer: string;
  readonly version: string;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What kind of event it is, how grave and how it ended. */
function classificationOf(record: AuditRecord, { class: of, activity, severity }: Mapping): OcsfObject {
  const activityId = typeof activity === "number" ? activity : 99;
  const outcome = outcomeOf(record);
  return {
    activity_id: activityId,
    activity_name: typeof activity === "number" ? of.activities[activity] : activity,
    category_uid: of.category.uid,
    category_name: of.category.name,
    class_uid: of.uid,
    class_name: of.name,
    type_uid: of.uid * 100 + activityId,
    severity_id: severities[severity],
    severity: capitalised(severity),
    status_id: outcome === "success" ? 1 : 2,
    status: capitalised(outcome),
  };
}

const metadataOf = ({ stored }: AuditRecord, { version }: OcsfProduct): OcsfObject => ({
  version: schemaVersion,
  product: { name: "Dacapo", vendor_name: "Dacapo", version },
  uid: stored.id,
  event_code: stored.type,
  correlation_uid: stored.metadata.correlationId,
  logged_time: stored.time,
});

/** What the schema has no place for. */
const unmappedOf = ({ cursor, stored, data, personal }: AuditRecord): OcsfObject => ({
  cursor,
  position: String(stored.position),
  stream: stored.stream,
  revision: stored.revision,
  version: stored.version,
  causation_id: stored.metadata.causationId,
  traceparent: stored.metadata.traceparent,
  revealed: personal && true,
  data,
});

const oauth = { auth_protocol_id: 6, auth_protocol: "OAUTH 2.0" };

/** How somebody authenticated, where that is known. */
function protocolOf({ data, stored }: AuditRecord): OcsfObject {
  if (data.kind === "browser") return { auth_protocol_id: 99, auth_protocol: "Password" };
  return data.kind === "mcp" || stored.type === "client.assertion.used" ? oauth : {};
}

type Members = (record: AuditRecord, subject: Subject, product: OcsfProduct, mapping: Mapping) => OcsfObject;

const withUser: Members = (record, subject) => ({ user: userOf(subject, record) });

/** What the classes have beside what all events have. */
const membersOf: readonly (readonly [OcsfClass, Members])[] = [
  [baseEvent, () => ({})],
  [accountChange, withUser],
  [
    authentication,
    (record, subject, { issuer, version }) => ({
      user: userOf(subject, record),
      service: { name: "Dacapo", uid: issuer, version },
      session: sessionOf(record, subject, issuer),
      is_remote: true,
      ...protocolOf(record),
    }),
  ],
  [
    authorizeSession,
    (record, subject, { issuer }) => ({
      user: userOf(subject, record),
      privileges: subject.scope ?? [],
      session: grantOf(record, subject, issuer),
    }),
  ],
  [
    entityManagement,
    (record, subject, _product, { entity = "" }) => ({
      entity: entityOf(record, entity),
      comment: record.stored.type === "audit.revealed" ? subject.reason : undefined,
    }),
  ],
  [
    userAccess,
    (record, { clientId, userId, scope, resource }) => ({
      // A consent gives privileges to a client; who gives them is the actor.
      user: userOf(clientId === undefined ? { userId } : { clientId }, record),
      privileges: scope ?? [],
      resources: resource?.map((uid) => ({ uid, type: "Protected Resource" })),
    }),
  ],
];

const members = new Map(membersOf.map(([{ uid }, of]) => [uid, of]));

/** A record as an event of the schema. */
function eventOf(record: AuditRecord, product: OcsfProduct): OcsfObject {
  const { stored, data, sentence } = record;
  const subject = subjectOf(record);
  const mapping = mappingOf(record);
  const isIam = mapping.class !== baseEvent;
  const isCounted = stored.type === "refusals.counted";
  // Only a grant is used through a client.
  const through = mapping.class === authorizeSession ? subject.clientId : undefined;
  return {
    ...classificationOf(record, mapping),
    time: stored.time,
    timezone_offset: 0,
    message: sentence,
    status_code: stored.type === "audit.revealed" ? undefined : subject.reason,
    ...(isCounted ? { count: subject.count, start_time: data.windowStart, end_time: data.windowEnd } : {}),
    metadata: metadataOf(record, product),
    ...(isIam ? { actor: actorOf(record, through), ...requestOf(record) } : {}),
    ...members.get(mapping.class.uid)?.(record, subject, product, mapping),
    unmapped: unmappedOf(record),
  };
}

/** One event of the Open Cybersecurity Schema Framework a line, as JSON. */
export const ocsfWriter = (product: OcsfProduct): RecordWriter => ({
  header: "",
  line: (record) => `${JSON.stringify(eventOf(record, product))}\n`,
});
