import { timeText } from "../../events/words/words.ts";
import type { RecordWriter } from "./formats.ts";
import { type AuditRecord, outcomeOf, type Subject, subjectOf } from "./record.ts";

type Cell = string | number | undefined;
type Column = readonly [name: string, told: (record: AuditRecord, subject: Subject) => Cell];

const columns: readonly Column[] = [
  ["cursor", ({ cursor }) => cursor],
  ["time", ({ stored }) => timeText(stored.time)],
  ["type", ({ stored }) => stored.type],
  ["actor", ({ stored }) => stored.metadata.actor],
  ["client_id", (_, subject) => subject.clientId],
  ["user_id", (_, subject) => subject.userId],
  ["grant_id", (_, subject) => subject.grantId],
  ["session_id", (_, subject) => subject.sessionId],
  ["scope", (_, subject) => subject.scope?.join(" ")],
  ["resource", (_, subject) => subject.resource?.join(" ")],
  ["reason", (_, subject) => subject.reason],
  ["outcome", outcomeOf],
  ["count", (_, subject) => subject.count],
  ["request_id", ({ stored }) => stored.metadata.correlationId],
  ["event_id", ({ stored }) => stored.id],
  ["stream", ({ stored }) => stored.stream],
  ["revision", ({ stored }) => stored.revision],
  ["sentence", ({ sentence }) => sentence],
];

/** Last, so that the others stay where they are. */
const personalColumns: readonly Column[] = [
  ["revealed", ({ personal }) => (personal ? "true" : "")],
  ["username", ({ personal }) => personal?.username],
  ["address", ({ personal }) => personal?.address],
  ["user_agent", ({ personal }) => personal?.agent],
];

/** What a spreadsheet takes for the start of a formula. */
const formula = /^[=+\-@\t\r]/;

/**
 * A value in its place: no formula, on one line, quoted where that is needed (RFC 4180 §2). A value that would be read as
 * a formula gets an apostrophe in front.
 */
function cell(value: Cell): string {
  const text = String(value ?? "");
  const line = (formula.test(text) ? `'${text}` : text).replaceAll(/[\r\n]+/g, " ");
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}

const row = (cells: readonly string[]): string => `${cells.join(",")}\r\n`;

/** Comma-separated values (RFC 4180), with a header; personal fields in columns of their own. */
export function csvWriter({ reveals }: { readonly reveals: boolean }): RecordWriter {
  const written = reveals ? [...columns, ...personalColumns] : columns;
  return {
    header: row(written.map(([name]) => name)),
    line(record) {
      const subject = subjectOf(record);
      return row(written.map(([, told]) => cell(told(record, subject))));
    },
  };
}
