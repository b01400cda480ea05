import { readFileSync } from "node:fs";
import { type ExportRequest, exportRecords } from "../../../../application/audit/export/export.ts";
import { type AuditRecord, readable, recordOf } from "../../../../application/audit/export/record.ts";
import type { Personal } from "../../../../application/audit/export/reveal.ts";
import type { EventStore, StoredEvent } from "../../../../application/ports/event-store.ts";
import { systemClock as clock } from "../../../../infrastructure/clock.ts";

type Golden = Pick<StoredEvent, "type" | "version" | "data">;

/** An event of each type and version that there ever was. */
export const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL("../../../golden/events.json", import.meta.url), "utf8"),
);

/** When the events of these tests were appended. */
export const appendedAt = Date.parse("2026-03-01T14:03:00.000Z");

/** An event as the log would hold it. */
export const storedAs = (event: Golden, changes: Partial<StoredEvent> = {}): StoredEvent => ({
  ...event,
  id: "019cab7e-0000-7000-8000-000000000001",
  stream: "grant-g1",
  revision: 0,
  position: 7n,
  time: appendedAt,
  metadata: { actor: "user:u_AZuF2jQAcAGAAAAAAAAAAg", correlationId: "request-1", causationId: "event-0" },
  ...changes,
});

const logId = "0b5a2c1e-1111-4222-8333-444455556666";

/** What is given out of an event. */
export const recordFrom = (stored: StoredEvent, personal?: Personal): AuditRecord =>
  recordOf({ logId }, stored, readable(stored), personal);

/** The golden event of this type, in its newest version, as a record. */
export function recordOfType(
  type: string,
  changes: Partial<StoredEvent> = {},
  personal?: Personal,
): AuditRecord {
  const event = golden.findLast((line) => line.type === type);
  if (!event) throw new Error(`no golden event ${type}`);
  return recordFrom(storedAs(event, changes), personal);
}

/** Everything that there is, from the start. */
export const everything: ExportRequest = { after: 0n, types: [], follows: false };

/** All that an export of a log gives out. */
export async function exported(
  store: EventStore,
  request: Partial<ExportRequest> = {},
  signal = new AbortController().signal,
): Promise<{ readonly records: readonly AuditRecord[]; readonly cursor: string | undefined }> {
  const records: AuditRecord[] = [];
  let cursor: string | undefined;
  for await (const page of exportRecords({ store, clock }, { ...everything, ...request }, signal)) {
    records.push(...page.records);
    ({ cursor } = page);
  }
  return { records, cursor };
}
