import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Clock } from "../../application/ports/clock.ts";
import { type Checkpoint, parseCheckpoint } from "../../domain/audit/checkpoint.ts";
import { parseNote } from "../../domain/audit/note.ts";
import { copyKeptLeaves } from "../audit/copy-kept-leaves.ts";
import { createDurably, syncFolder } from "../audit/durable-file.ts";
import { copyLogFile } from "../event-store/sqlite/copy.ts";
import { copyDurably, type Read, settle, summing } from "./files.ts";
import { BadBackup, type Manifest, manifestName, manifestText } from "./manifest.ts";

export interface BackupOptions {
  readonly dataDir: string;
  readonly archiveDir: string;
  /** Of Dacapo. */
  readonly version: string;
  readonly clock: Pick<Clock, "now">;
  /** Told how many bytes were copied, of about how many. */
  readonly progress: (done: number, total: number) => void;
}

const namesIn = async (folder: string, form: RegExp): Promise<readonly string[]> =>
  existsSync(folder) ? (await readdir(folder)).filter((name) => form.test(name)).sort() : [];

/** Where nothing may be yet but an empty folder. @throws {BadBackup} */
function requireNew(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isDirectory() || readdirSync(folder).length > 0)
    throw new BadBackup(`${folder} is there already: a backup is made in a new folder`);
}

async function makePart(part: string): Promise<void> {
  await mkdir(dirname(part), { recursive: true, mode: 0o700 });
  try {
    await mkdir(part, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new BadBackup(
      `${part} is there already: another backup is being made, or one was stopped; then remove that folder`,
    );
  }
}

/** What a checkpoint says; its signature is a matter of the verification. */
async function checkpointIn(path: string): Promise<Checkpoint | undefined> {
  const note = parseNote(await readFile(path, "utf8"));
  return note && parseCheckpoint(note.text);
}

/**
 * Copies the checkpoints that cover no more than these leaves; answers of their names and of the newest one. One that is no
 * checkpoint goes along: the verification of the copy is to say so.
 */
async function copyCheckpoints(from: string, to: string, leaves: number, read: Read) {
  let newest: Checkpoint | undefined;
  const copied: string[] = [];
  for (const name of await namesIn(from, /^\d{8}\.checkpoint$/)) {
    const checkpoint = await checkpointIn(join(from, name));
    if (checkpoint && checkpoint.size > leaves) break;
    await copyDurably(join(from, name), join(to, name), read);
    copied.push(name);
    newest = checkpoint ?? newest;
  }
  return { copied, newest };
}

/** What the engine cannot do says of which file. @throws {BadBackup} */
function copying<T>(file: string, copy: () => T): T {
  try {
    return copy();
  } catch (error) {
    throw new BadBackup(`${file} cannot be copied: ${(error as Error).message}`);
  }
}

/** The bytes of what is copied, about. */
function sizeOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

async function fill(part: string, options: BackupOptions): Promise<Omit<Manifest, "format">> {
  const { dataDir, archiveDir, version, clock, progress } = options;
  const archived = await namesIn(archiveDir, /^events-[\w-]+\.ndjson$/);
  const total = sizeOf([join(dataDir, "log.db"), ...archived.map((name) => join(archiveDir, name))]);
  const read = summing(progress, total);
  const madeAt = new Date(clock.now()).toISOString();
  // First: what is copied after it holds all that the copy of the log names, and what it holds beyond is left out.
  const file = join(dataDir, "log.db");
  const log = copying(file, () => copyLogFile(file, join(part, "log.db")));
  const from = join(dataDir, "checkpoints", log.logId);
  const inPart = join("checkpoints", log.logId);
  const kept = join(from, "leaves.db");
  const hasLeaves = existsSync(kept);
  if (hasLeaves) await mkdir(join(part, inPart), { recursive: true, mode: 0o700 });
  const leaves = hasLeaves
    ? copying(kept, () => copyKeptLeaves(kept, join(part, inPart, "leaves.db"), log.position))
    : 0;
  const { copied, newest } = await copyCheckpoints(from, join(part, inPart), leaves, read);
  const made = ["log.db", ...(hasLeaves ? [join(inPart, "leaves.db")] : [])];
  const files: Manifest["files"] = [];
  for (const name of made) files.push({ name, ...(await settle(join(part, name), read)) });
  for (const name of copied.map((file) => join(inPart, file)))
    files.push({ name, ...(await settle(join(part, name), () => undefined)) });
  for (const archive of await namesIn(archiveDir, /^events-[\w-]+\.ndjson$/)) {
    const name = join("archive", archive);
    files.push({ name, ...(await copyDurably(join(archiveDir, archive), join(part, name), read)) });
  }
  const checkpoint = newest && {
    number: newest.number,
    leaves: newest.size,
    time: new Date(newest.time).toISOString(),
  };
  return {
    dacapo: version,
    madeAt,
    logId: log.logId,
    position: String(log.position),
    events: log.events,
    leaves,
    checkpoint: checkpoint ?? null,
    files,
  };
}

async function syncFolders(part: string): Promise<void> {
  for (const { parentPath, name } of (await readdir(part, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isDirectory(),
  ))
    await syncFolder(join(parentPath, name));
  await syncFolder(part);
}

/** It is made beside its place, and gets its name by a rename. @throws {BadBackup} where that is a disk of its own */
function requireRenamable(path: string): void {
  if (existsSync(path) && statSync(path).dev !== statSync(dirname(path)).dev)
    throw new BadBackup(`${path} is where a disk is mounted: name a folder in it that is not there yet`);
}

/**
 * Copies an embedded log, its archive and what proves it to a new folder, while others write. The folder gets its name when all
 * of it is durable: one that is there is whole. @throws {BadBackup}
 */
export async function createBackup(folder: string, options: BackupOptions): Promise<Manifest> {
  const path = resolve(folder);
  requireNew(path);
  requireRenamable(path);
  const part = join(dirname(path), `${basename(path)}.part`);
  await makePart(part);
  try {
    const manifest = await fill(part, options);
    await createDurably(join(part, manifestName), manifestText(manifest));
    await syncFolders(part);
    await rename(part, path);
    await syncFolder(dirname(path));
    return { format: 1, ...manifest };
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}
