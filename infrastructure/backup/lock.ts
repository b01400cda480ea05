import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BadBackup } from "./manifest.ts";

/** Held by one process at most, until it is closed, or the process ends in whatever way. */
export interface FolderLock {
  close(): void;
}

/** Makes the folder where it is not there, and locks it. @throws {BadBackup} where another process has it */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(folder, "lock"), { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch {
    db.close();
    throw new BadBackup(`${folder} is used by another restore now`);
  }
  return { close: () => db.close() };
}
