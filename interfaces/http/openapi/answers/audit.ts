import { z } from "zod";

const time = z.iso.datetime();
const position = z.string().describe("A place in the log");
const eventName = z.string().describe("An event as `stream@revision`");
const open = z.record(z.string(), z.unknown());

export const timelineAnswer = z
  .strictObject({
    events: z.array(
      z.looseObject({ position, time, stream: z.string(), revision: z.int(), type: z.string() }),
    ),
    has_earlier: z.boolean(),
  })
  .meta({ id: "Timeline" });

const reason = z.strictObject({ holds: z.boolean(), text: z.string(), event: z.string().nullable() });

export const explanationAnswer = z
  .strictObject({
    active: z.boolean(),
    at: time,
    position,
    kind: z.string(),
    grant_id: z.string().nullable(),
    client_id: z.string().nullable(),
    user_id: z.string().nullable(),
    scope: z.string(),
    resources: z.array(z.string()),
    expires_at: time.nullable(),
    reasons: z.array(reason),
    events: z.array(z.strictObject({ event: eventName, id: z.string(), position, time, type: z.string() })),
  })
  .meta({ id: "Explanation" });

const access = z
  .strictObject({
    how: z.enum(["app", "code", "session"]),
    id: z.string(),
    client_id: z.string().nullable(),
    scope: z.string(),
    resources: z.array(z.string()),
    access_tokens: z.int(),
    can_refresh: z.boolean(),
    since: time,
    until: time,
    event: eventName,
  })
  .meta({ id: "Access" });

const holderStatus = z.enum(["active", "disabled", "erased", "deleted", "unknown"]);

export const accessAnswer = z.union([
  z
    .strictObject({
      holder: z.string(),
      at: time,
      position,
      status: holderStatus,
      scope: z.string(),
      event: eventName.nullable(),
      access: z.array(access),
      gone: z.array(z.string()),
      complete: z.boolean(),
    })
    .meta({ id: "AccessAt" }),
  z
    .strictObject({
      holder: z.string(),
      from: time,
      to: time,
      status: z.array(holderStatus).length(2),
      scope: z.array(z.string()).length(2),
      changes: z.array(
        z.strictObject({ change: z.string(), before: access.nullable(), after: access.nullable() }),
      ),
    })
    .meta({ id: "AccessDifference" }),
]);

export const anomaliesAnswer = z
  .strictObject({
    anomalies: z.array(
      z.strictObject({
        kind: z.string(),
        subject: z.string(),
        time,
        explanation: z.string(),
        events: z.array(eventName),
      }),
    ),
    has_earlier: z.boolean(),
  })
  .meta({ id: "Anomalies" });

export const statsAnswer = z
  .strictObject({
    since: z.iso.date(),
    until: z.iso.date(),
    by: z.enum(["day", "client", "block"]),
    rows: z.array(z.strictObject({ name: z.string(), counts: z.record(z.string(), z.int()) })),
  })
  .meta({ id: "Stats" });

export const verificationAnswer = z
  .strictObject({
    leaves_kept: z.int(),
    verified_before: z.int().optional(),
    events_unchanged: z.int(),
    events_removed_for_good_reason: z.int(),
    events_not_yet_kept: z.int(),
    checkpoints_compared: z.int(),
    newest_checkpoint: z.string(),
    first_checkpoint: z.string(),
    oldest_event: z.string(),
    events_under_no_checkpoint: z.int(),
    archives_compared: z.int(),
    findings: z.array(open),
    findings_in_all: z.int(),
    absent_archives: z.array(z.string()),
  })
  .meta({ id: "Verification" });
