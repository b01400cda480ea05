import { closeSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { AuditIndex, IndexBatch } from "../../application/ports/audit-index.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import { IndexReader } from "./index-reader.ts";
import { prepareIndex, remake } from "./index-schema.ts";
import { IndexWriter } from "./index-writer.ts";
import { transaction } from "./transaction.ts";

export interface AuditIndexOptions {
  /** Made where it does not exist; its folder must. `:memory:` for one that is gone with its process. */
  readonly file: string;
  readonly logId: string;
  /** How long the thread may wait for another process that writes, in milliseconds. */
  readonly patience?: number;
}

// What is erased is overwritten. A batch may be lost with the machine: it is made again from the log. Each batch touches pages
// all over the file, so that they are copied back from the write-ahead log less often than after every batch.
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA secure_delete = ON;
  PRAGMA cache_size = -65536;
  PRAGMA wal_autocheckpoint = 16384;
`;

const codeOf = (error: unknown): number => Number((error as { errcode?: number }).errcode ?? 0) & 0xff;

/** No, where SQLITE_BUSY: another process writes, and may write for long. */
function unlessBusy(work: () => boolean): boolean {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === 5) return false;
    throw error;
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: the file is no use to anybody. */
const isBroken = (error: unknown): boolean => [11, 26].includes(codeOf(error));

function orUnavailable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")) throw error;
    throw new Unavailable(`the audit index: ${error.message}`, { cause: error });
  }
}

function openPrepared({ file, logId, patience = 5_000 }: AuditIndexOptions): DatabaseSync {
  if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
  const db = new DatabaseSync(file, { timeout: patience });
  try {
    db.exec(settings);
    prepareIndex(db, logId);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens the file; one that is broken is replaced, since all of it can be made again. */
function open(options: AuditIndexOptions): DatabaseSync {
  try {
    return openPrepared(options);
  } catch (error) {
    if (!isBroken(error)) throw error;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${options.file}${suffix}`, { force: true });
    return openPrepared(options);
  }
}

/** Opens the index of a log, which several processes may read and write. @throws {Unavailable} */
export function openAuditIndex(options: AuditIndexOptions): AuditIndex {
  const db = orUnavailable(() => open(options));
  let [writer, reader] = [new IndexWriter(db), new IndexReader(db)];
  let checkpoint = db.prepare("SELECT position, last_id, events FROM meta");
  /** What was forgotten stands in the write-ahead log until it is emptied; a reader may prevent that for a while. */
  let mustEmpty = true;
  const emptyLog = () => db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  const pages = db.prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size");

  return {
    checkpoint: () =>
      orUnavailable(() => {
        const row = checkpoint.get();
        return {
          position: BigInt(Number(row?.position)),
          lastId: String(row?.last_id),
          events: Number(row?.events),
        };
      }),
    apply: (batch: IndexBatch) =>
      orUnavailable(() => {
        const isApplied = unlessBusy(() => transaction(db, () => writer.write(batch)));
        if (isApplied && batch.forgotten.length > 0) mustEmpty = true;
        if (mustEmpty) mustEmpty = !emptyLog();
        return isApplied;
      }),
    reset: () =>
      orUnavailable(() => {
        transaction(db, () => remake(db, options.logId));
        [writer, reader] = [new IndexWriter(db), new IndexReader(db)];
        checkpoint = db.prepare("SELECT position, last_id, events FROM meta");
      }),
    find: (terms, range) => orUnavailable(() => reader.find(terms, range)),
    last: (stream, at) => orUnavailable(() => reader.last(stream, at)),
    at: (position) => orUnavailable(() => reader.at(position)),
    positionAt: (time) => orUnavailable(() => reader.positionAt(time)),
    counts: (dimension, fromDay, toDay) => orUnavailable(() => reader.counts(dimension, fromDay, toDay)),
    totals: (dimension, fromDay, toDay) => orUnavailable(() => reader.totals(dimension, fromDay, toDay)),
    anomalies: (range) => orUnavailable(() => reader.anomalies(range)),
    memory: (key) => orUnavailable(() => reader.memory(key)),
    size: () => orUnavailable(() => Number(pages.get()?.bytes)),
    close: () => db.close(),
  };
}
