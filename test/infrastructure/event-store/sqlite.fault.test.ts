import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { expect, it, onTestFinished } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { prepareFile } from "../../../infrastructure/event-store/sqlite/connection.ts";
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { startWorker, WriteThread } from "../../../infrastructure/event-store/sqlite/write-thread.ts";
import { event } from "./events.ts";
import { appender, newFile } from "./folder.ts";

it("keeps every answered append when the process is killed", async () => {
  const file = newFile();
  const child = spawn(process.execPath, [appender, file, "a", "100000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let answered = -1;
  for await (const line of createInterface(child.stdout)) {
    answered = Number(line);
    if (answered === 200) child.kill("SIGKILL");
  }
  const store = await openSqliteEventStore({ file });
  onTestFinished(() => store.close());
  const kept = await store.read("a", { direction: "forwards", limit: 100_000 });
  expect(answered).toBeGreaterThanOrEqual(200);
  expect(kept.length).toBeGreaterThanOrEqual(answered + 1);
  expect(kept.map(({ revision }) => revision)).toEqual(kept.map((_, index) => index));
});

it("waits for a process that writes, for a while", async () => {
  const file = newFile();
  const store = await openSqliteEventStore({ file, busyTimeout: 200 });
  onTestFinished(() => store.close());
  using other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const blocked = [store.append("a", [event()], -1), store.append("b", [event()], -1)];
  for (const append of blocked) await expect(append).rejects.toThrow(Unavailable);
  expect(await store.lastPosition()).toBe(0n);

  const waiting = store.append("a", [event()], -1);
  setTimeout(() => other.exec("ROLLBACK"), 50);
  expect(await waiting).toMatchObject({ revision: 0 });
});

it("can be opened and read while a process writes", async () => {
  const file = newFile();
  const store = await openSqliteEventStore({ file });
  onTestFinished(() => store.close());
  await store.append("a", [event()], -1);
  using other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const second = await openSqliteEventStore({ file, busyTimeout: 50 });
  onTestFinished(() => second.close());
  expect(await second.read("a", { direction: "backwards", limit: 1 })).toHaveLength(1);
});

it("is unavailable where the file is locked while it is made", async () => {
  const file = newFile();
  using other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  await expect(openSqliteEventStore({ file, busyTimeout: 50 })).rejects.toThrow(Unavailable);
});

it("rejects what is under way when the writing thread dies, and starts another one", async () => {
  const file = newFile();
  await prepareFile(file, 1_000);
  const dying = [
    "throw new Error('broken')",
    "require('node:worker_threads').parentPort.once('message', process.exit)",
  ];
  const start = () => {
    const code = dying.shift();
    return code === undefined ? startWorker({ file, busyTimeout: 1_000 }) : new Worker(code, { eval: true });
  };
  const thread = new WriteThread(start);
  const batch = { time: 1, appends: [] };
  await expect(thread.write(batch)).rejects.toThrow(Unavailable);
  await expect(thread.write(batch)).rejects.toThrow(Unavailable);
  expect(await thread.write(batch)).toEqual([]);
  await thread.close();
});

it("closes without a writing thread", async () => {
  const worker = new Worker("", { eval: true });
  const thread = new WriteThread(() => worker);
  await once(worker, "exit");
  await thread.close();
});
