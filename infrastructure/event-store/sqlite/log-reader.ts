import type { DatabaseSync, StatementSync } from "node:sqlite";
import { BrokenEvent, type ReadOptions, type StoredEvent } from "../../../application/ports/event-store.ts";
import { orUnavailable } from "./failure.ts";
import { readLogId } from "./schema.ts";

const columns = "position, stream, revision, type, version, id, time, data, metadata";

type Row = [number, string, number, string, number, string, number, string, string];

/** Reads the log over one connection, at once: every answer takes microseconds. @throws {Unavailable} */
export class LogReader {
  readonly logId: string;
  readonly #db: DatabaseSync;
  readonly #forwards: StatementSync;
  readonly #backwards: StatementSync;
  readonly #all: StatementSync;
  readonly #last: StatementSync;
  readonly #given: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.logId = readLogId(db);
    this.#forwards = this.#prepare("WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?");
    this.#backwards = this.#prepare("WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?");
    this.#all = this.#prepare("WHERE position > ? ORDER BY position LIMIT ?");
    this.#last = db.prepare("SELECT coalesce(max(position), 0) AS position FROM events");
    this.#given = db.prepare(
      "SELECT coalesce(max(seq), 0) AS position FROM sqlite_sequence WHERE name = 'events'",
    );
  }

  stream(stream: string, { direction, from, limit }: ReadOptions): StoredEvent[] {
    return direction === "forwards"
      ? rows(this.#forwards, stream, from ?? 0, limit)
      : rows(this.#backwards, stream, from ?? Number.MAX_SAFE_INTEGER, limit);
  }

  after(position: bigint, limit: number): StoredEvent[] {
    return rows(this.#all, position, limit);
  }

  /** Of the last event that is there. */
  lastHeld(): bigint {
    return orUnavailable(() => BigInt(Number(this.#last.get()?.position)));
  }

  /** The last that was given to an event, which may be gone. */
  lastPosition(): bigint {
    return orUnavailable(() => BigInt(Number(this.#given.get()?.position)));
  }

  close(): void {
    this.#db.close();
  }

  // Rows as arrays: objects with nine keys make the hottest read of all half as slow again.
  #prepare(clauses: string): StatementSync {
    const statement = this.#db.prepare(`SELECT ${columns} FROM events ${clauses}`);
    statement.setReturnArrays(true);
    return statement;
  }
}

function rows(statement: StatementSync, ...parameters: (string | number | bigint)[]): StoredEvent[] {
  const found: unknown = orUnavailable(() => statement.all(...parameters));
  return (found as Row[]).map(toEvent);
}

function toEvent([position, stream, revision, type, version, id, time, data, metadata]: Row): StoredEvent {
  try {
    return {
      id,
      type,
      version,
      data: JSON.parse(data),
      metadata: JSON.parse(metadata),
      stream,
      revision,
      position: BigInt(position),
      time,
    };
  } catch {
    // Without the cause, which would quote what it found.
    throw new BrokenEvent({ position: BigInt(position), stream, revision });
  }
}
