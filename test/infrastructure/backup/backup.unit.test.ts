import { randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeCheckpoint } from "../../../application/audit/proof/checkpoint.ts";
import { keepLeaves } from "../../../application/audit/proof/keep-leaves.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import { originOf } from "../../../domain/audit/checkpoint.ts";
import { createCheckpointFiles } from "../../../infrastructure/audit/checkpoint-files.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { createBackup } from "../../../infrastructure/backup/create.ts";
import { lockFolder } from "../../../infrastructure/backup/lock.ts";
import { placeBackup, renewLog, requireNoLog } from "../../../infrastructure/backup/place.ts";
import { stageBackup } from "../../../infrastructure/backup/stage.ts";
import { createCheckpointKeys } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const metadata = { actor: "system", correlationId: "test" };
const clock = { now: () => 1_767_225_600_000 };
const silent = () => undefined;
const ring = parseKeyRing(generateMasterKey());

const append = async (store: EventStore, stream: string, count: number) =>
  store.append(
    stream,
    Array.from({ length: count }, (_, index) => ({
      ...{ id: randomUUID(), type: "test.happened", version: 1, metadata },
      data: { index, text: `of ${stream}` },
    })),
    -1,
  );

/** A data folder whose log is open, and a place for backups. */
async function world() {
  const folder = temporaryFolder();
  const dataDir = join(folder.path, "data");
  mkdirSync(dataDir);
  const store = await openSqliteEventStore({ file: join(dataDir, "log.db") });
  const proofDir = join(dataDir, "checkpoints", store.logId);
  const leaves = openKeptLeaves(join(proofDir, "leaves.db"));
  onTestFinished(async () => {
    await leaves.close();
    await store.close();
    folder[Symbol.dispose]();
  });
  const sign = () =>
    makeCheckpoint({
      ...{ store, leaves, clock, warn: silent },
      checkpoints: createCheckpointFiles(proofDir),
      keys: createCheckpointKeys(ring, originOf(store.logId)),
    });
  const archiveDir = join(dataDir, "archive");
  return {
    ...{ store, leaves, sign, dataDir, archiveDir, proofDir, path: folder.path },
    to: join(folder.path, "backup"),
    backup: (to = join(folder.path, "backup")) =>
      createBackup(to, { ...{ dataDir, archiveDir, version: "0.0.0", clock }, progress: silent }),
  };
}

const rows = (file: string, sql: string) => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare(sql).all();
  } finally {
    db.close();
  }
};

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe("a backup", () => {
  it("holds log, archive, leaves and checkpoints, for their owner alone", async () => {
    const { store, sign, backup, to, archiveDir, proofDir } = await world();
    await append(store, "one", 3);
    await sign();
    mkdirSync(archiveDir);
    writeFileSync(join(archiveDir, "events-20260101T000000Z-00.ndjson"), "{}\n");
    writeFileSync(join(archiveDir, "events-20260101T000000Z-01.ndjson.part"), "half");
    writeFileSync(join(proofDir, "verified"), "a mark");
    const manifest = await backup();
    expect(manifest).toMatchObject({
      ...{ logId: store.logId, position: "3", events: 3, leaves: 3, madeAt: "2026-01-01T00:00:00.000Z" },
      checkpoint: { number: 1, leaves: 3 },
    });
    const names = manifest.files.map(({ name }) => name.replace(store.logId, "ID"));
    expect(names).toEqual([
      "log.db",
      "checkpoints/ID/leaves.db",
      "checkpoints/ID/00000001.checkpoint",
      "archive/events-20260101T000000Z-00.ndjson",
    ]);
    const made = readdirSync(to, { recursive: true, withFileTypes: true });
    expect(made.filter((entry) => entry.isFile()).map(({ name }) => name)).toHaveLength(5);
    for (const entry of made)
      expect(modeOf(join(entry.parentPath, entry.name))).toBe(entry.isFile() ? 0o600 : 0o700);
    expect([modeOf(to), existsSync(`${to}.part`)]).toEqual([0o700, false]);
    const events = "SELECT * FROM events";
    expect(rows(join(to, "log.db"), events)).toHaveLength(3);
  });

  it("holds no byte of what was removed, and owes no rewriting", async () => {
    const { store, backup, to } = await world();
    await append(store, "kept", 3);
    await append(store, "removed", 3);
    await store.tombstone("removed", 2);
    await backup();
    const bytes = readFileSync(join(to, "log.db"), "latin1");
    expect([bytes.includes("of kept"), bytes.includes("of removed")]).toEqual([true, false]);
    expect(rows(join(to, "log.db"), "PRAGMA user_version")).toEqual([{ user_version: 0 }]);
  });

  it("leaves out leaves and checkpoints of what the copy of the log lacks", async () => {
    const { store, leaves, sign, backup, dataDir, path } = await world();
    await append(store, "one", 300);
    await sign();
    await append(store, "two", 300);
    await sign();
    await keepLeaves({ store, leaves });
    // As if the log had been copied before the second half came, and the leaves after it.
    await store.close();
    const db = new DatabaseSync(join(dataDir, "log.db"));
    db.exec("DELETE FROM events WHERE position > 300; UPDATE sqlite_sequence SET seq = 300");
    db.close();
    const to = join(path, "cut");
    expect(await backup(to)).toMatchObject({ position: "300", leaves: 300, checkpoint: { number: 1 } });
    const copied = openKeptLeaves(join(to, "checkpoints", store.logId, "leaves.db"));
    expect(await copied.size()).toBe(300);
    expect(await copied.hashes(8, 0, 1)).toHaveLength(1);
    await expect(copied.hashes(8, 1, 1)).rejects.toThrow("missing");
    await copied.close();
  });

  it("is made in a new folder alone, and not beside another that is being made", async () => {
    const { backup, to } = await world();
    mkdirSync(to);
    await backup();
    await expect(backup()).rejects.toThrow(`${to} is there already: a backup is made in a new folder`);
    mkdirSync(`${to}2.part`);
    await expect(backup(`${to}2`)).rejects.toThrow("another backup is being made, or one was stopped");
    writeFileSync(`${to}3`, "a file");
    await expect(backup(`${to}3`)).rejects.toThrow("is there already");
  });

  it("is not made of a file that is no log, and leaves nothing then", async () => {
    const { path } = await world();
    const dataDir = join(path, "other");
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "log.db"), "nothing that a database would be".repeat(100));
    const options = {
      dataDir,
      archiveDir: join(dataDir, "archive"),
      version: "0.0.0",
      clock,
      progress: silent,
    };
    await expect(createBackup(join(path, "none"), options)).rejects.toThrow("log.db cannot be copied");
    expect(readdirSync(path).filter((name) => name.startsWith("none"))).toEqual([]);
  });
});

describe("a backup that is staged", () => {
  async function made() {
    const found = await world();
    await append(found.store, "one", 3);
    await found.sign();
    await found.backup();
    const [copy, staged] = [join(found.path, "copy"), join(found.path, "staged")];
    cpSync(found.to, copy, { recursive: true });
    const edit = (name: string, change: (text: string) => string) =>
      writeFileSync(join(copy, name), change(readFileSync(join(copy, name), "latin1")), "latin1");
    return { ...found, copy, staged, edit, stage: () => stageBackup(copy, staged, silent) };
  }

  it("is what was backed up", async () => {
    const { to, stage, staged } = await made();
    await stage();
    expect(readFileSync(join(staged, "log.db"))).toEqual(readFileSync(join(to, "log.db")));
  });

  it.each([
    [
      "a changed log",
      "log.db",
      (text: string) => text.replace("of one", "of two"),
      "log.db is not what was backed up",
    ],
    ["a cut log", "log.db", (text: string) => text.slice(0, -1), "log.db is not what was backed up"],
    ["no JSON", "backup.json", () => "{", "backup.json is damaged (no JSON)"],
    [
      "a newer format",
      "backup.json",
      (text: string) => text.replace('"format": 1', '"format": 2'),
      "has format 2",
    ],
    [
      "a name outside",
      "backup.json",
      (text: string) => text.replace('"log.db"', '"../log.db"'),
      "backup.json is damaged (files.0.name)",
    ],
    [
      "no log",
      "backup.json",
      (text: string) => text.replace('"log.db"', '"archive/events-1.ndjson"'),
      "backup.json is damaged (files)",
    ],
  ])("is refused where there is %s", async (_, name, change, message) => {
    const { edit, stage } = await made();
    edit(name, change);
    await expect(stage()).rejects.toThrow(message);
  });

  it("is not read through a link, nor where it is none", async () => {
    const { copy, path, staged } = await made();
    const linked = join(path, "linked");
    mkdirSync(linked);
    cpSync(join(copy, "backup.json"), join(linked, "backup.json"));
    symlinkSync(join(copy, "log.db"), join(linked, "log.db"));
    await expect(stageBackup(linked, staged, silent)).rejects.toThrow("log.db is not in the backup");
    await expect(stageBackup(path, staged, silent)).rejects.toThrow("is no backup: it holds no backup.json");
  });

  it("is put in place as another log, with the leaves of the old one, and others are put aside", async () => {
    const { store, stage, staged, path } = await made();
    await stage();
    await renewLog(staged, store.logId);
    const dataDir = join(path, "new");
    mkdirSync(join(dataDir, "checkpoints", "another"), { recursive: true });
    const places = { dataDir, archiveDir: join(dataDir, "archive") };
    expect(await placeBackup(staged, places)).toEqual([join(dataDir, "checkpoints-before", "another")]);
    const placed = await openSqliteEventStore({ file: join(dataDir, "log.db") });
    onTestFinished(() => placed.close());
    expect(placed.logId).not.toBe(store.logId);
    expect(await placed.readAll(0n, 10)).toEqual(await store.readAll(0n, 10));
    expect(readdirSync(join(dataDir, "checkpoints"))).toEqual([placed.logId]);
    expect(readdirSync(join(dataDir, "checkpoints", placed.logId))).toEqual(["leaves.db"]);
    await expect(placeBackup(staged, places)).rejects.toThrow("there is a log in");
  });

  it("is put where no log is, nor what is left of one", () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder[Symbol.dispose]());
    requireNoLog(folder.path);
    writeFileSync(join(folder.path, "log.db-wal"), "");
    expect(() => requireNoLog(folder.path)).toThrow("(log.db-wal)");
  });

  it("is worked on by one process at a time", () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder[Symbol.dispose]());
    const lock = lockFolder(folder.path);
    expect(() => lockFolder(folder.path)).toThrow("is used by another restore now");
    lock.close();
    lockFolder(folder.path).close();
  });
});
