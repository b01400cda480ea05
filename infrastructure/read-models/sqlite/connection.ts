import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { discardFile, type Owner, openDatabase } from "./database.ts";
import { isBusy, isEngineFault, isUnreadable } from "./sqlite-errors.ts";
import { prepareStatements, type Statements } from "./statements.ts";

interface Opened {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  readonly inode: string | undefined;
}

/** The checkpoint row as SQLite gives it. */
export interface CheckpointRow {
  readonly position: bigint;
  readonly heartbeat: bigint;
}

type Work<Result> = (statements: Statements, checkpoint: CheckpointRow) => Result;

/**
 * A connection to the file of one owner. A fault of the engine becomes `Unavailable`, and except where the file was
 * only busy the next call opens the file anew: read models that were lost can be rebuilt.
 */
export class Connection {
  readonly #file: string;
  readonly #owner: Owner;
  #opened: Opened | undefined;
  #isClosed = false;

  constructor(file: string, owner: Owner) {
    this.#file = file;
    this.#owner = owner;
    this.#guarded(() => this.#open());
  }

  /** Reads from one snapshot, once a projector has said that it is whole. */
  read<Result>(work: Work<Result>): Result {
    return this.#guarded(() =>
      this.#transaction("begin", this.#open(), (statements, checkpoint) => {
        if (checkpoint.heartbeat === 0n) throw new Unavailable(`${this.#file} is being built`);
        return work(statements, checkpoint);
      }),
    );
  }

  /** Writes all or nothing, alone; also notices when the file is gone from its place. */
  write<Result>(work: Work<Result>): Result {
    return this.#guarded(() => this.#transaction("beginImmediate", this.#openInPlace(), work));
  }

  /** The checkpoint, from the file that stands in its place now. */
  checkpoint(): CheckpointRow {
    return this.#guarded(() =>
      this.#transaction("begin", this.#openInPlace(), (_, checkpoint) => checkpoint),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #transaction<Result>(
    begin: "begin" | "beginImmediate",
    { database, statements }: Opened,
    work: Work<Result>,
  ): Result {
    statements[begin].run();
    try {
      const result = work(statements, this.#requireOwnCheckpoint(statements));
      statements.commit.run();
      return result;
    } catch (error) {
      if (database.isTransaction) statements.rollback.run();
      throw error;
    }
  }

  /** Only opening takes a file over: a process of another generation that did so keeps it. */
  #requireOwnCheckpoint(statements: Statements): CheckpointRow {
    const row = statements.checkpoint.get(this.#owner.logId, this.#owner.generation);
    if (!row) throw new Unavailable(`${this.#file} was taken over for another log or generation`);
    return row as unknown as CheckpointRow;
  }

  #open(): Opened {
    if (this.#isClosed) throw new Unavailable("The read models are closed");
    if (this.#opened) return this.#opened;
    const database = openDatabase(this.#file, this.#owner);
    this.#opened = { database, statements: prepareStatements(database), inode: inodeOf(this.#file) };
    return this.#opened;
  }

  #openInPlace(): Opened {
    const opened = this.#open();
    if (opened.inode === inodeOf(this.#file)) return opened;
    this.#drop();
    throw new Unavailable(`${this.#file} was removed or replaced`);
  }

  #drop(): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  #guarded<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (!isEngineFault(error)) throw error;
      if (!isBusy(error)) this.#drop();
      if (isUnreadable(error)) discardFile(this.#file);
      throw new Unavailable(`The read models in ${this.#file} cannot be reached`, { cause: error });
    }
  }
}

/** Names the file that stands at this path; SQLite goes on writing to one that was removed. */
function inodeOf(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}
