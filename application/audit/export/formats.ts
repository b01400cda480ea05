import type { ExportFormat } from "../../../domain/audit-reveal.ts";
import { csvWriter } from "./csv.ts";
import { ndjsonWriter } from "./ndjson.ts";
import { type OcsfProduct, ocsfWriter } from "./ocsf/event.ts";
import type { AuditRecord } from "./record.ts";

/** Writes records as text, each as one line with its end. */
export interface RecordWriter {
  /** What stands before the first record; empty for most. */
  readonly header: string;
  line(record: AuditRecord): string;
}

export interface WriterOptions extends OcsfProduct {
  /** Whether personal fields may stand in records. */
  readonly reveals: boolean;
}

const writers: Readonly<Record<ExportFormat, (options: WriterOptions) => RecordWriter>> = {
  ndjson: ndjsonWriter,
  csv: csvWriter,
  ocsf: ocsfWriter,
};

/** The forms that a log can be given out in. */
export const exportFormats = Object.keys(writers) as readonly ExportFormat[];

/** Builds the writer of a format. */
export const writerOf = (format: ExportFormat, options: WriterOptions): RecordWriter =>
  writers[format](options);
