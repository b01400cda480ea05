import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import type { EventStore } from "../../../application/ports/event-store.ts";
import {
  openEphemeralEventStore,
  openSqliteEventStore,
} from "../../../infrastructure/event-store/sqlite/index.ts";
import { eventStoreContract } from "./contract.ts";
import { event, events, newStream, take } from "./events.ts";
import { appender, newFile } from "./folder.ts";

eventStoreContract("sqlite, in a file", () => openSqliteEventStore({ file: newFile() }));
eventStoreContract("sqlite, ephemeral", () => openEphemeralEventStore());

async function open(file: string): Promise<EventStore> {
  const store = await openSqliteEventStore({ file });
  onTestFinished(() => store.close());
  return store;
}

describe("a log in a file", () => {
  it("starts empty, and keeps its id and events", async () => {
    const file = newFile();
    const first = await open(file);
    expect(await first.lastPosition()).toBe(0n);
    await first.append("a", events(3), -1);
    const all = await first.readAll(0n, 10);
    await first.close();
    const second = await open(file);
    expect(second.logId).toBe(first.logId);
    expect(await second.readAll(0n, 10)).toEqual(all);
  });

  it("has an id of its own", async () => {
    const [one, other] = [await open(newFile()), await open(newFile())];
    expect(one.logId).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.logId).not.toBe(other.logId);
  });

  it("is readable by its owner only", async () => {
    const file = newFile();
    await (await open(file)).append("a", [event()], -1);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  it("leaves one file behind when it is closed", async () => {
    const file = newFile();
    const store = await open(file);
    await store.append("a", [event()], -1);
    await store.close();
    expect(statSync(`${file}-wal`, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("takes the time from the clock", async () => {
    const store = await openSqliteEventStore({ file: newFile(), clock: { now: () => 12_345 } });
    onTestFinished(() => store.close());
    await store.append("a", [event()], -1);
    expect(await store.readAll(0n, 1)).toMatchObject([{ time: 12_345 }]);
  });

  it("writes appends that are made together in few transactions", async () => {
    const file = newFile();
    const store = await open(file);
    await Promise.all(Array.from({ length: 500 }, () => store.append(newStream(), [event()], -1)));
    // One transaction writes at least three pages of 4 KiB: 500 of them would write 6 MB.
    expect(statSync(`${file}-wal`).size).toBeLessThan(1_000_000);
  });
});

describe("a file that is no log of ours", () => {
  it("is refused where it is no database", async () => {
    const file = newFile();
    writeFileSync(file, "Dear diary, ".repeat(1_000));
    await expect(openSqliteEventStore({ file })).rejects.toThrow(
      `${file} cannot be used: file is not a database`,
    );
  });

  it("is refused where it is another database, and left as it is", async () => {
    const file = newFile();
    using db = new DatabaseSync(file);
    db.exec("CREATE TABLE recipes (name TEXT)");
    await expect(openSqliteEventStore({ file })).rejects.toThrow(
      `${file} cannot be used: it is a database, but`,
    );
    expect(db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "delete" });
  });

  it("is refused where its format is unknown", async () => {
    const file = newFile();
    await (await openSqliteEventStore({ file })).close();
    using db = new DatabaseSync(file);
    db.exec("UPDATE meta SET format = 99");
    await expect(openSqliteEventStore({ file })).rejects.toThrow(`${file} cannot be used: it has format 99`);
  });

  it("is refused where its folder is missing", async () => {
    const file = join(newFile(), "missing", "log.db");
    await expect(openSqliteEventStore({ file })).rejects.toThrow(file);
  });
});

describe("several stores on one file", () => {
  it("may be opened at the same time, and are one log", async () => {
    const file = newFile();
    const stores = await Promise.all(Array.from({ length: 5 }, () => open(file)));
    expect(new Set(stores.map(({ logId }) => logId)).size).toBe(1);
  });

  it("let one of them win, and see each other's events at once", async () => {
    const file = newFile();
    const [one, other] = [await open(file), await open(file)];
    const settled = await Promise.allSettled([one, other].map((store) => store.append("a", [event()], -1)));
    expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await one.append("a", [event()], 0);
    expect(await other.read("a", { direction: "backwards", limit: 1 })).toMatchObject([{ revision: 1 }]);
  });

  it("bring a subscriber the events of this process and of another one", async () => {
    const file = newFile();
    const [one, other] = [await open(file), await open(file)];
    const taken = take(one, 0n, 300);
    const child = spawn(process.execPath, [appender, file, "child", "100"], { stdio: "ignore" });
    const exited = once(child, "exit");
    for (let revision = -1; revision < 99; revision += 1) {
      await Promise.all([one.append("one", [event()], revision), other.append("other", [event()], revision)]);
    }
    expect(await exited).toEqual([0, null]);
    const all = await taken;
    for (const stream of ["one", "other", "child"]) {
      const revisions = all.filter((stored) => stored.stream === stream).map(({ revision }) => revision);
      expect(revisions).toEqual(Array.from({ length: 100 }, (_, index) => index));
    }
  });
});
