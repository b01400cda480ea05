import { fork } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import { openSqliteReadModels } from "../../../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { batch, put } from "./batches.ts";
import { readModelsContract } from "./contract.ts";
import { beat, cleanAll, get, ids } from "./contract-place.ts";

const removeDatabase = (file: string) => {
  for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true });
};
const makeDirectory = () => mkdtempSync(join(tmpdir(), "dacapo-read-models-"));

readModelsContract("sqlite", async () => {
  const directory = makeDirectory();
  const file = join(directory, "read-models.db");
  return {
    connect: async () => openSqliteReadModels({ file, logId: "log", generation: "1" }),
    lose: async () => removeDatabase(file),
    remove: async () => rmSync(directory, { recursive: true }),
  };
});

describe("the SQLite file", () => {
  let directory: string;
  let file: string;
  const opened: ReadModels[] = [];
  beforeEach(() => {
    directory = makeDirectory();
    file = join(directory, "read-models.db");
  });
  afterEach(async () => {
    for (const models of opened.splice(0)) await models.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function open(owner: { logId?: string; generation?: string; file?: string } = {}): ReadModels {
    const models = openSqliteReadModels({ file, logId: "log", generation: "1", ...owner });
    opened.push(models);
    return models;
  }
  async function openFilled(): Promise<ReadModels> {
    const models = open();
    await models.apply(batch(0n, 5n, put("a", { n: 1 }, { indexes: { user: "u" } })));
    await beat(models, 5n);
    return models;
  }
  const count = async (models: ReadModels) => (await models.list("grants", { limit: 9 })).length;

  it("is for its user only", async () => {
    await openFilled();
    for (const part of ["", "-wal", "-shm"]) expect(statSync(file + part).mode & 0o777).toBe(0o600);
  });

  it("may be memory", async () => {
    const models = open({ file: ":memory:" });
    expect(await models.apply(batch(0n, 1n, put("a", { n: 1 })))).toBe(true);
    expect(await beat(models, 1n)).toBe(true);
    expect(await count(models)).toBe(1);
    expect(existsSync(":memory:")).toBe(false);
  });

  it("is given up for another log, and no longer believed by who had it open", async () => {
    const before = await openFilled();
    const after = open({ logId: "other" });
    expect(await after.checkpoint()).toMatchObject({ position: 0n, heartbeats: [0] });
    await expect(count(after)).rejects.toThrow("is being built");
    expect(await beat(after, 0n)).toBe(true);
    expect(await count(after)).toBe(0);
    expect(await after.list("grants", { index: ["user", "u"], limit: 9 })).toEqual([]);
    await expect(before.checkpoint()).rejects.toThrow(Unavailable);
    await expect(get(before, "a")).rejects.toThrow("another log");
    await expect(before.apply(batch(0n, 1n))).rejects.toThrow(Unavailable);
    expect(await after.apply(batch(0n, 1n, put("b", {})))).toBe(true);
    expect(await cleanAll(after, Date.now(), 9)).toBe(1);
    expect(await ids(after, { limit: 9 })).toEqual(["b"]);
  });

  describe("of several generations", () => {
    const day = 86_400_000;

    it("keeps the read models of each beside the others", async () => {
      const [one, two] = [await openFilled(), open({ generation: "2" })];
      expect((await two.checkpoint()).position).toBe(0n);
      await expect(count(two)).rejects.toThrow("is being built");
      await two.apply(batch(0n, 9n, put("a", { n: 2 }, { indexes: { user: "u" } }), put("b", {})));
      await beat(two, 9n);
      expect(await get(one, "a")).toEqual({ n: 1 });
      expect(await get(two, "a")).toEqual({ n: 2 });
      expect(await ids(one, { index: ["user", "u"], limit: 9 })).toEqual(["a"]);
      expect((await one.checkpoint()).position).toBe(5n);
      const next = await two.successor();
      await next.apply(batch(0n, 9n));
      expect(await next.takeOver()).toBe(true);
      expect(await count(two)).toBe(0);
      expect(await count(one)).toBe(1);
      expect(await count(open())).toBe(1);
    });

    it("loses those that nobody touched for a day", async () => {
      const [one, two] = [await openFilled(), open({ generation: "2" })];
      const started = await one.successor();
      await started.apply(batch(0n, 1n, put("half", {})));
      await two.apply(batch(0n, 5n, put("b", {})));
      await beat(two, 5n);
      expect(await cleanAll(two, Date.now() + day - 60_000, 9)).toBe(0);
      expect(await count(one)).toBe(1);
      expect(await cleanAll(two, Date.now() + day + 60_000, 1)).toBe(2);
      expect(await count(two)).toBe(1);
      await expect(count(one)).rejects.toThrow("holds no read models of this generation any more");
      await expect(started.checkpoint()).rejects.toThrow(Unavailable);
      expect((await one.checkpoint()).position).toBe(0n);
      await expect(count(one)).rejects.toThrow("is being built");
      await expect(started.takeOver()).rejects.toThrow(Unavailable);
    });

    it("never loses its own, however long ago it was touched", async () => {
      const models = await openFilled();
      const next = await models.successor();
      await next.apply(batch(0n, 5n));
      expect(await cleanAll(models, Date.now() + 9 * day, 9)).toBe(0);
      expect(await next.takeOver()).toBe(true);
    });
  });

  it("forgets builds that were replaced", async () => {
    const models = await openFilled();
    for (let round = 0; round < 3; round++) {
      const next = await models.successor();
      await next.apply(batch(0n, 5n, put("a", { round }, { indexes: { user: "u" } })));
      expect(await next.takeOver()).toBe(true);
    }
    expect(await cleanAll(models, Date.now(), 2)).toBe(3);
    using database = new DatabaseSync(file);
    for (const table of ["builds", "documents", "index_entries"])
      expect(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 1 });
  });

  it("answers under another name when it was opened anew, and only who asked for that name reads", async () => {
    const [models, other] = [await openFilled(), open()];
    const { incarnation } = await models.checkpoint();
    const next = await models.successor();
    await models.apply(batch(5n, 6n));
    rmSync(file);
    await expect(models.checkpoint()).rejects.toThrow(Unavailable);
    await expect(other.checkpoint()).rejects.toThrow(Unavailable);
    expect(await beat(other, 0n)).toBe(true);
    await expect(count(models)).rejects.toThrow("was opened anew");
    expect(await models.beat(0n, incarnation)).toBe(false);
    expect((await models.checkpoint()).incarnation).not.toBe(incarnation);
    expect(await count(models)).toBe(0);
    await expect(next.apply(batch(0n, 1n))).rejects.toThrow(Unavailable);
  });

  it.each([
    ["garbage", () => writeFileSync(file, "this is no database\n".repeat(500))],
    ["a database cut short", () => truncateSync(file, 5000)],
  ])("is made anew where it holds %s", async (_, damage) => {
    await (await openFilled()).close();
    damage();
    const models = open();
    expect((await models.checkpoint()).position).toBe(0n);
    expect(await models.apply(batch(0n, 1n, put("b", {})))).toBe(true);
    await expect(count(models)).rejects.toThrow("is being built");
    expect(await beat(models, 1n)).toBe(true);
    expect(await count(models)).toBe(1);
  });

  it("leaves the tables of a stranger alone", async () => {
    const stranger = new DatabaseSync(file);
    stranger.exec("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    expect((await open().checkpoint()).position).toBe(0n);
    expect(stranger.prepare("SELECT x FROM theirs").get()).toEqual({ x: 1 });
    stranger.close();
  });

  it("that is removed is missed at the next read", async () => {
    const models = await openFilled();
    removeDatabase(file);
    await expect(count(models)).rejects.toThrow("removed or replaced");
    await expect(count(models)).rejects.toThrow(Unavailable);
  });

  it("that is replaced by a copy of it is missed at the next read", async () => {
    const models = await openFilled();
    using database = new DatabaseSync(file);
    database.exec(`VACUUM INTO '${file}-copy'`);
    removeDatabase(file);
    renameSync(`${file}-copy`, file);
    await expect(count(models)).rejects.toThrow("removed or replaced");
    await expect(count(models)).rejects.toThrow("was opened anew");
    expect((await models.checkpoint()).position).toBe(5n);
    expect(await count(models)).toBe(1);
  });

  it("that is removed is missed at the next write, and then made anew", async () => {
    const models = await openFilled();
    rmSync(file);
    await expect(beat(models, 5n)).rejects.toThrow(Unavailable);
    expect(await models.checkpoint()).toMatchObject({ position: 0n, heartbeats: [0] });
    expect(await beat(models, 0n)).toBe(true);
    expect(await count(models)).toBe(0);
  });

  it("that cannot be reached is Unavailable, and used again when it can", async () => {
    const models = await openFilled();
    rmSync(directory, { recursive: true });
    await expect(models.apply(batch(5n, 6n))).rejects.toThrow(Unavailable);
    await expect(models.getMany([{ collection: "grants", id: "a" }])).rejects.toThrow("cannot be reached");
    expect(() => open()).toThrow(Unavailable);
    directory = makeDirectory();
    file = join(directory, "read-models.db");
    expect((await open().checkpoint()).position).toBe(0n);
  });

  it("that turns out damaged is Unavailable, and then made anew", async () => {
    await (await openFilled()).close();
    overwritePage(file, rootOf(file, "documents")); // which opening does not read
    const models = open();
    expect((await models.checkpoint()).position).toBe(5n);
    await expect(models.getMany([{ collection: "grants", id: "a" }])).rejects.toThrow("cannot be reached");
    expect((await models.checkpoint()).position).toBe(0n);
    expect(await models.apply(batch(0n, 1n, put("b", {})))).toBe(true);
  });

  it("that another process keeps locked is Unavailable to writers, not to readers", async () => {
    const models = await openFilled();
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    await expect(beat(models, 5n)).rejects.toThrow(Unavailable);
    expect(await count(models)).toBe(1);
    other.exec("ROLLBACK");
    other.close();
    expect(await beat(models, 5n)).toBe(true);
  });

  it("answers nothing after it was closed", async () => {
    const models = await openFilled();
    await models.close();
    await models.close();
    await expect(models.checkpoint()).rejects.toThrow(Unavailable);
  });

  it("is shared by processes that begin it together: each batch is won once", async () => {
    const racers = Array.from({ length: 3 }, () =>
      fork(join(import.meta.dirname, "sqlite-racer.ts"), [file]),
    );
    const results = await Promise.all(racers.map((racer) => once(racer, "message")));
    const won = results.map(([message]) => Number(message));
    expect(won.reduce((sum, n) => sum + n)).toBe(200);
    const models = open();
    expect((await models.checkpoint()).position).toBe(200n);
    expect(await beat(models, 200n)).toBe(true);
    expect(await models.list("grants", { limit: 999 })).toHaveLength(200);
  });
});

function rootOf(file: string, table: string): number {
  using database = new DatabaseSync(file);
  return Number(database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(table)?.rootpage);
}

function overwritePage(file: string, number: number): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.alloc(4096, 7), 0, 4096, (number - 1) * 4096);
  closeSync(descriptor);
}
