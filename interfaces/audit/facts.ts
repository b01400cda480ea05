import { type Access, type AccessAt, differenceOf } from "../../application/audit/access.ts";
import type { Explanation } from "../../application/audit/explain.ts";
import { recordFacts } from "../../application/audit/export/ndjson.ts";
import { readable, recordOf } from "../../application/audit/export/record.ts";
import { toldStream } from "../../application/audit/export/told/told.ts";
import type { TimelineEntry } from "../../application/audit/timeline.ts";
import type { Report } from "../../application/audit/verify/verify.ts";
import type { EventStore } from "../../application/ports/event-store.ts";

/** A moment (epoch ms) in ISO 8601; null stays null. */
export const iso = <T extends number | null>(time: T): T extends null ? string | null : string =>
  (time === null ? null : new Date(time).toISOString()) as T extends null ? string | null : string;

/** An explanation as JSON: times in ISO 8601, positions as strings. */
export const explanationFacts = (explanation: Explanation) => ({
  active: explanation.active,
  at: iso(explanation.at),
  position: String(explanation.position),
  kind: explanation.kind,
  grant_id: explanation.grantId,
  client_id: explanation.clientId,
  user_id: explanation.userId,
  scope: explanation.scope.join(" "),
  resources: explanation.resources,
  expires_at: iso(explanation.expiresAt),
  reasons: explanation.reasons,
  events: explanation.events.map(({ position, time, ...event }) => ({
    ...event,
    position: String(position),
    time: iso(time),
  })),
});

/** One way to act, as JSON. */
export const accessFacts = (access: Access) => ({
  how: access.how,
  id: access.id,
  client_id: access.clientId,
  scope: access.scope.join(" "),
  resources: access.resources,
  access_tokens: access.accessTokens,
  can_refresh: access.canRefresh,
  since: iso(access.since),
  until: iso(access.until),
  event: access.event,
});

/** What somebody could do, as JSON. */
export const accessAtFacts = (holder: string, found: AccessAt) => ({
  holder,
  at: iso(found.at),
  position: String(found.position),
  status: found.status,
  scope: found.scope.join(" "),
  event: found.event,
  access: found.access.map(accessFacts),
  gone: found.gone,
  complete: found.isComplete,
});

/** What changed between two moments, as JSON. */
export function differenceFacts(holder: string, before: AccessAt, after: AccessAt) {
  const facts = (access: Access | undefined) => (access ? accessFacts(access) : null);
  return {
    holder,
    from: iso(before.at),
    to: iso(after.at),
    status: [before.status, after.status],
    scope: [before.scope.join(" "), after.scope.join(" ")],
    changes: differenceOf(before, after).map((one) => ({
      change: one.change,
      before: facts(one.before),
      after: facts(one.after),
    })),
  };
}

/** An event of a timeline as JSON: what an export gives out of it, in words, and how it was found. */
export function entryFacts(store: Pick<EventStore, "logId">, { indexed, stored, relation }: TimelineEntry) {
  if (!stored) {
    const { position, stream, time, ...rest } = indexed;
    return {
      ...rest,
      position: String(position),
      stream: toldStream(stream),
      time: iso(time),
      removed: true,
      relation,
    };
  }
  const record = recordOf(store, stored, readable(stored), undefined);
  return { ...recordFacts(record), sentence: record.sentence, relation };
}

/** What a verification counted. */
export const reportFigures = (report: Report) => ({
  leaves_kept: report.leaves,
  ...(report.from > 0 ? { verified_before: report.from } : {}),
  events_unchanged: report.sound,
  events_removed_for_good_reason: report.removed,
  events_not_yet_kept: report.notYetKept,
  checkpoints_compared: report.checkpoints,
  newest_checkpoint: report.newest ? `${report.newest.number}, ${iso(report.newest.time)}` : "none",
  first_checkpoint:
    report.provenSince === undefined ? (report.newest ? "unknown" : "none") : iso(report.provenSince),
  oldest_event: report.oldestEvent === undefined ? "unknown" : iso(report.oldestEvent),
  events_under_no_checkpoint: report.uncovered + report.notYetKept,
  archives_compared: report.archives,
  findings: report.found,
});

/** A verification as JSON. */
export const reportFacts = (report: Report) => ({
  ...reportFigures(report),
  findings: report.findings.map(({ position, before, after, ...finding }) => ({
    ...finding,
    ...(position === undefined
      ? {}
      : { position: String(position), before: before && iso(before), after: after && iso(after) }),
  })),
  findings_in_all: report.found,
  absent_archives: report.absentArchives,
});
