import { DatabaseSync } from "node:sqlite";
import { createPrivately } from "./kept-leaves-file.ts";

/** How long a lock is waited for, in milliseconds. */
const patience = 5_000;

/**
 * Copies the file of kept leaves while others add to it, up to the leaf of this position: those behind it are of events that
 * the copy of the log lacks. Answers how many there are then. The copy is not durable yet.
 */
export function copyKeptLeaves(from: string, to: string, position: bigint): number {
  createPrivately(to);
  const source = new DatabaseSync(from, { readOnly: true, timeout: patience });
  try {
    source.prepare("VACUUM INTO ?").run(to);
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to);
  try {
    copy.exec("PRAGMA journal_mode = WAL");
    copy.prepare("DELETE FROM leaves WHERE position > ?").run(position);
    const { size } = copy.prepare("SELECT coalesce(max(idx) + 1, 0) AS size FROM leaves").get() ?? {};
    copy.prepare("DELETE FROM nodes WHERE (number + 1) * (1 << level) > ?").run(Number(size));
    return Number(size);
  } finally {
    copy.close();
  }
}
