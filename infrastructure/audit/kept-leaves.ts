import { existsSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Unavailable } from "../../application/ports/event-store.ts";
import type { KeptLeaf, KeptLeaves, KeptNode } from "../../application/ports/kept-leaves.ts";
import type { Hash } from "../../domain/audit/merkle.ts";
import { type Connection, connect } from "./kept-leaves-file.ts";
import { transaction } from "./transaction.ts";

type Row = [bigint, bigint, Uint8Array, Uint8Array];

const toLeaf = ([index, position, name, hash]: Row): KeptLeaf => ({
  index: Number(index),
  position,
  name,
  hash,
});

/** Whoever reads so many leaves at once reads page by page: signals and requests get their turn between two of them. */
const longRead = 64;

/** Adds within a transaction of the caller. */
function addTo(
  { size: found, addLeaf, addNode }: Connection,
  size: number,
  leaves: readonly KeptLeaf[],
  nodes: readonly KeptNode[],
): boolean {
  if (Number(found.get()?.size) !== size) return false;
  for (const { index, position, name, hash } of leaves) addLeaf.run(index, position, name, hash);
  for (const { level, number, hash } of nodes) addNode.run(level, number, hash);
  return true;
}

/** Whatever the engine cannot do says that it was about the kept leaves. */
function orUnavailable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unavailable || !(error instanceof Error)) throw error;
    throw new Unavailable(`the kept leaves: ${error.message}`, { cause: error });
  }
}

/**
 * Leaves in an SQLite file of their own, which several processes may add to, or in memory (`:memory:`). File and folder
 * are made with the first leaf, for their owner only.
 * @param engine names the kind of store that positions are of
 */
export function openKeptLeaves(file: string, engine = "sqlite"): KeptLeaves {
  let connection: Connection | undefined;

  function isThere(): boolean {
    if (file === ":memory:" || existsSync(file)) return true;
    // Whoever took the file away may put it back.
    connection?.db.close();
    connection = undefined;
    return false;
  }

  function open(): Connection {
    connection ??= connect(file, engine);
    return connection;
  }

  /** Reads, where there is anything to read. */
  const reading = <T>(empty: T, work: (connection: Connection) => T): T =>
    orUnavailable(() => (isThere() ? work(open()) : empty));

  const writing = async <T>(work: (connection: Connection) => T): Promise<T> => {
    const result = orUnavailable(() => transaction(open().db, () => work(open())));
    await nextTurn(); // a long catch-up must not keep the thread to itself
    return result;
  };

  return {
    size: async () => reading(0, ({ size }) => Number(size.get()?.size)),
    async read(from, limit) {
      const rows = reading([], ({ read }) => (read.all(from, limit) as unknown as Row[]).map(toLeaf));
      if (rows.length >= longRead) await nextTurn();
      return rows;
    },
    async hashes(level, from, count) {
      const rows = reading([], ({ leaves, nodes }) =>
        level === 0 ? leaves.all(from, from + count) : nodes.all(level, from, from + count),
      );
      if (rows.length === count) return rows.map(({ hash }) => hash as Hash);
      throw new Unavailable(`the kept leaves: some are missing at level ${level}, from ${from}`);
    },
    add: (size, leaves, nodes) => writing((opened) => addTo(opened, size, leaves, nodes)),
    isPlaced: async () => reading(true, (opened) => opened.engine.get()?.engine === engine),
    place: (positions, isDone) =>
      writing(({ place, setEngine }) => {
        for (const [index, position] of positions) place.run(position, index);
        if (isDone) setEngine.run(engine);
      }),
    async close() {
      connection?.db.close();
      connection = undefined;
    },
  };
}
