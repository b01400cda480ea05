import { fork } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
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
    await models.beat(5n);
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
    expect(await models.beat(1n)).toBe(true);
    expect(await count(models)).toBe(1);
    expect(existsSync(":memory:")).toBe(false);
  });

  it.each([
    ["another log", { logId: "other" }],
    ["another generation", { generation: "2" }],
  ])("is emptied for %s, and no longer believed by who had it open", async (_, owner) => {
    const before = await openFilled();
    const after = open(owner);
    expect(await after.checkpoint()).toEqual({ position: 0n, heartbeat: 0 });
    await expect(count(after)).rejects.toThrow("is being built");
    expect(await after.beat(0n)).toBe(true);
    expect(await count(after)).toBe(0);
    expect(await after.list("grants", { index: ["user", "u"], limit: 9 })).toEqual([]);
    await expect(before.checkpoint()).rejects.toThrow(Unavailable);
    await expect(before.getMany([{ collection: "grants", id: "a" }])).rejects.toThrow(
      "another log or generation",
    );
    await expect(before.apply(batch(0n, 1n))).rejects.toThrow(Unavailable);
    expect(await after.apply(batch(0n, 1n, put("b", {})))).toBe(true);
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
    expect(await models.beat(1n)).toBe(true);
    expect(await count(models)).toBe(1);
  });

  it("leaves the tables of a stranger alone", async () => {
    const stranger = new DatabaseSync(file);
    stranger.exec("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    expect((await open().checkpoint()).position).toBe(0n);
    expect(stranger.prepare("SELECT x FROM theirs").get()).toEqual({ x: 1 });
    stranger.close();
  });

  it("that is removed is missed at the next write, and then made anew", async () => {
    const models = await openFilled();
    rmSync(file);
    await expect(models.beat(5n)).rejects.toThrow(Unavailable);
    expect(await models.checkpoint()).toEqual({ position: 0n, heartbeat: 0 });
    expect(await models.beat(0n)).toBe(true);
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
    overwritePage(file, 2); // the root of the documents, which opening does not read
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
    await expect(models.beat(5n)).rejects.toThrow(Unavailable);
    expect(await count(models)).toBe(1);
    other.exec("ROLLBACK");
    other.close();
    expect(await models.beat(5n)).toBe(true);
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
    expect(await models.beat(200n)).toBe(true);
    expect(await models.list("grants", { limit: 999 })).toHaveLength(200);
  });
});

function overwritePage(file: string, number: number): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, Buffer.alloc(4096, 7), 0, 4096, (number - 1) * 4096);
  closeSync(descriptor);
}
