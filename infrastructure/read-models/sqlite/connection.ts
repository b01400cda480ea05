import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { discardFile, type Owner, openDatabase } from "./database.ts";
import { isBusy, isEngineFault, isUnreadable } from "./sqlite-errors.ts";
import { type Build, prepareStatements, type Statements } from "./statements.ts";

interface Opened {
  readonly database: DatabaseSync;
  readonly statements: Statements;
  readonly inode: string | undefined;
  readonly incarnation: string;
}

/** One consistent state of the file, or one change of it. */
export interface Transaction {
  readonly statements: Statements;
  /** The read models that answer. */
  readonly live: Build;
  /** Names the file and this opening of it. */
  readonly incarnation: string;
}

type Work<Result> = (transaction: Transaction) => Result;

/** The live build was removed; opening the file anew begins another. */
class LiveBuildLost extends Unavailable {}

/**
 * A connection to the file that stands at the path. A fault of the engine becomes `Unavailable`, and except where the
 * file was only busy the next call opens the file anew: read models that were lost can be rebuilt.
 */
export class Connection {
  readonly #file: string;
  readonly #owner: Owner;
  #opened: Opened | undefined;
  #openings = 0;
  /** What answered the last `checkpoint`. */
  #known: string | undefined;
  #isClosed = false;

  constructor(file: string, owner: Owner) {
    this.#file = file;
    this.#owner = owner;
    this.#guarded(() => this.#open());
  }

  /** Reads from one snapshot, once a projector has said that it is whole, of the file that `checkpoint` saw. */
  read<Result>(work: Work<Result>): Result {
    return this.readUnfinished((transaction) => {
      const { live, incarnation } = transaction;
      if (live.heartbeat === 0n) throw new Unavailable(`${this.#file} is being built`);
      if (incarnation !== (this.#known ?? incarnation))
        throw new Unavailable(`${this.#file} was opened anew`);
      return work(transaction);
    });
  }

  /** Reads from one snapshot, whole or not. */
  readUnfinished<Result>(work: Work<Result>): Result {
    return this.#guarded(() => this.#transaction("begin", this.#openInPlace(), work));
  }

  /** Writes all or nothing, alone. */
  write<Result>(work: Work<Result>): Result {
    return this.#guarded(() => this.#transaction("beginImmediate", this.#openInPlace(), work));
  }

  /** How far the live build is; reads believe what answers this. */
  checkpoint(): Pick<Transaction, "live" | "incarnation"> {
    const answer = this.readUnfinished(({ live, incarnation }) => ({ live, incarnation }));
    this.#known = answer.incarnation;
    return answer;
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #transaction<Result>(
    begin: "begin" | "beginImmediate",
    { database, statements, incarnation }: Opened,
    work: Work<Result>,
  ): Result {
    statements[begin].run();
    try {
      const result = work({ statements, live: this.#requireLive(statements), incarnation });
      statements.commit.run();
      return result;
    } catch (error) {
      if (database.isTransaction) statements.rollback.run();
      throw error;
    }
  }

  /** Only opening begins builds, and gives up those of another log: a process of that log keeps the file. */
  #requireLive(statements: Statements): Build {
    const { logId, generation } = this.#owner;
    const live = statements.live.get({ logId, generation });
    if (live) return live as unknown as Build;
    if (statements.ofOtherLog.get(logId))
      throw new Unavailable(`${this.#file} was taken over for another log`);
    throw new LiveBuildLost(`${this.#file} holds no read models of this generation any more`);
  }

  #open(): Opened {
    if (this.#isClosed) throw new Unavailable("The read models are closed");
    if (this.#opened) return this.#opened;
    const database = openDatabase(this.#file, this.#owner);
    const inode = inodeOf(this.#file);
    const incarnation = `${inode}#${++this.#openings}`;
    this.#opened = { database, statements: prepareStatements(database), inode, incarnation };
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
      if (error instanceof LiveBuildLost) this.#drop();
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
