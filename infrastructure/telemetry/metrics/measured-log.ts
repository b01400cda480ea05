import { Counter, Histogram, type Registry } from "prom-client";
import type { Log } from "../../../application/log.ts";
import { StreamTombstoned, WrongExpectedRevision } from "../../../application/ports/event-store.ts";
import type { DomainEvent } from "../../../domain/decider.ts";
import type { GrantEvent, RevocationReason } from "../../../domain/grant/grant.ts";
import type { SessionEvent } from "../../../domain/session/session.ts";
import { secondsBuckets } from "./metrics.ts";

/** What issues an access token, by the grant type that it was asked for with. */
const grantTypes: Partial<Record<GrantEvent["type"], string>> = {
  "grant.code.redeemed": "authorization_code",
  "grant.refresh_token.rotated": "refresh_token",
  "grant.refresh_token.repeated": "refresh_token",
  "grant.client_credentials.issued": "client_credentials",
};

/** Why grants end; single access tokens beside them. */
const reasons: Readonly<Record<RevocationReason | "access_token", 0>> = {
  access_token: 0,
  client_ended: 0,
  client_request: 0,
  code_replayed: 0,
  operator: 0,
  refresh_token_reused: 0,
  session_ended: 0,
  user_ended: 0,
  user_request: 0,
};

const failureOf = (error: unknown): string =>
  error instanceof WrongExpectedRevision
    ? "conflict"
    : error instanceof StreamTombstoned
      ? "tombstoned"
      : "unavailable";

/** The counters of what was decided; each decision is an event, so that here they are all met. */
function createDecisions(registry: Registry): (event: DomainEvent) => void {
  const registers = [registry];
  const appended = new Counter({
    name: "dacapo_events_appended_total",
    help: "Events that this process appended to the log, by type",
    labelNames: ["type"],
    registers,
  });
  const issued = new Counter({
    name: "dacapo_tokens_issued_total",
    help: "Access tokens issued, by grant type",
    labelNames: ["grant_type"],
    registers,
  });
  const revoked = new Counter({
    name: "dacapo_tokens_revoked_total",
    help: "Grants ended with all their tokens, by reason; single access tokens as access_token",
    labelNames: ["reason"],
    registers,
  });
  const reused = new Counter({
    name: "dacapo_refresh_tokens_reused_total",
    help: "Spent refresh tokens that were presented again: each ended its grant",
    registers,
  });
  const repeated = new Counter({
    name: "dacapo_refresh_tokens_repeated_total",
    help: "Refresh requests that were answered again within the grace window",
    registers,
  });
  const started = new Counter({
    name: "dacapo_sessions_started_total",
    help: "Sessions started, by kind",
    labelNames: ["kind"],
    registers,
  });
  const ended = new Counter({
    name: "dacapo_sessions_ended_total",
    help: "Sessions ended, by reason",
    labelNames: ["reason"],
    registers,
  });
  // A series that begins at 1 shows no increase.
  for (const grantType of Object.values(grantTypes)) issued.inc({ grant_type: grantType }, 0);
  for (const reason of Object.keys(reasons)) revoked.inc({ reason }, 0);
  return (event) => {
    appended.inc({ type: event.type });
    const decision = event as GrantEvent | SessionEvent;
    const grantType = grantTypes[decision.type as GrantEvent["type"]];
    if (grantType !== undefined) issued.inc({ grant_type: grantType });
    switch (decision.type) {
      case "grant.revoked":
        return revoked.inc({ reason: decision.data.grant.reason });
      case "grant.access_token.revoked":
        return revoked.inc({ reason: "access_token" });
      case "grant.refresh_token.reused":
        return reused.inc();
      case "grant.refresh_token.repeated":
        return repeated.inc();
      case "session.started":
        return started.inc({ kind: decision.data.session.kind });
      case "session.ended":
        return ended.inc({ reason: decision.data.reason });
    }
  };
}

/** Makes logs that count what is appended by what it says, and how long that takes. */
export function createMeasuredLog(registry: Registry): (log: Log) => Log {
  const count = createDecisions(registry);
  const took = new Histogram({
    name: "dacapo_append_seconds",
    help: "How long an append took until it was durable, with its wait for the others of its group",
    buckets: secondsBuckets,
    registers: [registry],
  });
  const failed = new Counter({
    name: "dacapo_append_failures_total",
    help: "Appends that failed: conflict (somebody else was first, it is tried again), tombstoned, unavailable",
    labelNames: ["reason"],
    registers: [registry],
  });
  for (const reason of ["conflict", "tombstoned", "unavailable"]) failed.inc({ reason }, 0);
  return (log) => ({
    ...log,
    async append(stream, events, expectedRevision, metadata) {
      const end = took.startTimer();
      try {
        const appended = await log.append(stream, events, expectedRevision, metadata);
        end();
        for (const event of events) count(event);
        return appended;
      } catch (error) {
        failed.inc({ reason: failureOf(error) });
        throw error;
      }
    },
  });
}
