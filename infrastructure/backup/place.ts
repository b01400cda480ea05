import { existsSync } from "node:fs";
import { link, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../audit/durable-file.ts";
import { renewLogId } from "../event-store/sqlite/copy.ts";
import { copyDurably, factsOf } from "./files.ts";
import { BadBackup } from "./manifest.ts";

/** Says that there is no log where one is to be put. What is left of one would become part of the other. @throws {BadBackup} */
export function requireNoLog(dataDir: string): void {
  const left = ["log.db", "log.db-wal", "log.db-journal"].filter((name) => existsSync(join(dataDir, name)));
  if (left.length > 0)
    throw new BadBackup(
      `there is a log in ${dataDir} already (${left.join(", ")}). Stop every serve and worker and move log.db* elsewhere; leave erasures.ndjson and master.key where they are`,
    );
}

/** Lets a staged log be another one than the log that was backed up, with leaves that go on. */
export async function renewLog(staged: string, oldId: string): Promise<void> {
  const from = join(staged, "checkpoints", oldId);
  const to = join(staged, "checkpoints", renewLogId(join(staged, "log.db")));
  if (!existsSync(from)) return;
  // What was signed is of the old log; its leaves are those of its events, which are the same.
  if (existsSync(join(from, "leaves.db"))) {
    await mkdir(to, { mode: 0o700 });
    await rename(join(from, "leaves.db"), join(to, "leaves.db"));
  }
  await rm(from, { recursive: true });
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  existsSync(folder) ? await readdir(folder) : [];

/** Puts what retention had moved there; it never changes. @throws {BadBackup} where another file has the name of one */
async function placeArchive(staged: string, archiveDir: string): Promise<void> {
  const from = join(staged, "archive");
  for (const name of await namesIn(from)) {
    const [file, place] = [join(from, name), join(archiveDir, name)];
    if (existsSync(place)) {
      if ((await factsOf(place)).sha256 === (await factsOf(file)).sha256) continue;
      throw new BadBackup(`${place} is another file than the one of the backup`);
    }
    const part = `${place}.part`;
    await rm(part, { force: true });
    await copyDurably(file, part, () => undefined);
    await rename(part, place);
    await syncFolder(archiveDir);
  }
}

/** A name that is not taken. */
function freeName(folder: string, name: string): string {
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? name : `${name}.${count}`);
    if (!existsSync(path)) return path;
  }
}

/** Puts leaves and checkpoints of other logs, which show what was lost, out of the way of those of this one. */
async function putAside(dataDir: string): Promise<readonly string[]> {
  const from = join(dataDir, "checkpoints");
  const aside: string[] = [];
  for (const name of await namesIn(from)) {
    await mkdir(join(dataDir, "checkpoints-before"), { recursive: true, mode: 0o700 });
    const to = freeName(join(dataDir, "checkpoints-before"), name);
    await rename(join(from, name), to);
    aside.push(to);
  }
  if (aside.length > 0)
    for (const folder of [from, join(dataDir, "checkpoints-before")]) await syncFolder(folder);
  return aside;
}

async function placeCheckpoints(staged: string, dataDir: string): Promise<void> {
  const from = join(staged, "checkpoints");
  const to = join(dataDir, "checkpoints");
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await namesIn(from)) await rename(join(from, name), join(to, name));
  await syncFolder(to);
}

/**
 * Puts a staged log where it is served from, the log itself last: whatever stops this leaves no log there, or all of one.
 * Answers where leaves and checkpoints were put that lay there before. @throws {BadBackup}
 */
export async function placeBackup(
  staged: string,
  { dataDir, archiveDir }: { readonly dataDir: string; readonly archiveDir: string },
): Promise<readonly string[]> {
  const log = join(staged, "log.db");
  if (existsSync(`${log}-wal`)) throw new Error(`${log} was not closed`);
  requireNoLog(dataDir);
  await placeArchive(staged, archiveDir);
  const aside = await putAside(dataDir);
  await placeCheckpoints(staged, dataDir);
  try {
    // Not by a renaming, which would write over a log that somebody made meanwhile.
    await link(log, join(dataDir, "log.db"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new BadBackup(`a log was made in ${dataDir} meanwhile: stop what runs there and move it elsewhere`);
  }
  await syncFolder(dataDir);
  await syncFolder(dirname(dataDir));
  return aside;
}
