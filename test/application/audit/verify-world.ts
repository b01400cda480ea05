import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeCheckpoint } from "../../../application/audit/proof/checkpoint.ts";
import { keepLeaves } from "../../../application/audit/proof/keep-leaves.ts";
import { type Report, verifyLog } from "../../../application/audit/verify/verify.ts";
import type { EventStore, NewEvent, StoredEvent } from "../../../application/ports/event-store.ts";
import { originOf } from "../../../domain/audit/checkpoint.ts";
import { createArchiveReader } from "../../../infrastructure/archive/archive-reader.ts";
import { createFileArchive } from "../../../infrastructure/archive/files.ts";
import { createCheckpointFiles } from "../../../infrastructure/audit/checkpoint-files.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { openVerifyScratch } from "../../../infrastructure/audit/verify-scratch.ts";
import { createCheckpointKeys } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { openReader } from "../../../infrastructure/event-store/sqlite/connection.ts";
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { LogReader } from "../../../infrastructure/event-store/sqlite/log-reader.ts";

/** The master key of every world. */
export const ring = parseKeyRing(generateMasterKey());

/** When the first event was appended; each later one a second after the one before. */
export const begin = Date.UTC(2026, 0, 1);

const metadata = { actor: "system", correlationId: "test" };

const event = (type: string, data: unknown = { text: "x".repeat(40) }): NewEvent => ({
  ...{ id: randomUUID(), type, version: 1, data, metadata },
});

/** Fills the log of a folder; its leaves are kept as far as `checkpoints` says, and two events more are appended. */
export interface World {
  readonly folder: string;
  /** Runs SQL on the log, as who has the file can. */
  tamperLog(sql: string): void;
  /** Runs SQL on the kept leaves. */
  tamperLeaves(sql: string): void;
  /** What the log holds after a position. */
  events(after: bigint, limit: number): readonly StoredEvent[];
  /** Where the checkpoints are. */
  readonly checkpoints: string;
  readonly archive: string;
  verify(options?: {
    isIncremental?: boolean;
    trusted?: string;
    hasArchivesElsewhere?: boolean;
  }): Promise<Report>;
  /** A copy of all of it, to be tampered with. */
  copyTo(folder: string): World;
}

function runOn(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

/** What is in a folder that `buildWorld` filled. */
export function worldIn(folder: string): World {
  const [log, checkpoints, archive] = ["log.db", "checkpoints", "archive"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  return {
    ...{ folder, checkpoints, archive },
    tamperLog: (sql) => runOn(log, sql),
    events(after, limit) {
      const reader = new LogReader(openReader(log));
      try {
        return reader.after(after, limit);
      } finally {
        reader.close();
      }
    },
    tamperLeaves: (sql) => runOn(join(checkpoints, "leaves.db"), sql),
    async verify({ isIncremental = false, hasArchivesElsewhere = false, trusted } = {}) {
      const reader = new LogReader(openReader(log));
      const { logId } = reader;
      const store = { logId, readAll: async (after: bigint, limit: number) => reader.after(after, limit) };
      const leaves = openKeptLeaves(join(checkpoints, "leaves.db"));
      const scratch = openVerifyScratch();
      try {
        return await verifyLog(
          {
            ...{ store, leaves, scratch, checkpoints: createCheckpointFiles(checkpoints) },
            keys: createCheckpointKeys(ring, originOf(logId)),
            archive: createArchiveReader(archive),
          },
          {
            ...{ isIncremental, trusted, hasArchivesElsewhere, signal: new AbortController().signal },
            progress: () => undefined,
          },
        );
      } finally {
        scratch.close();
        await leaves.close();
        reader.close();
      }
    },
    copyTo(to) {
      cpSync(folder, to, { recursive: true });
      return worldIn(to);
    },
  };
}

async function fill(store: EventStore, archive: string, keep: () => Promise<void>): Promise<void> {
  const times = (count: number) => Array.from({ length: count }, () => event("test.happened"));
  await store.append("grant-gone", times(10), -1); // leaves 0 to 9
  await store.append("user-u_1", times(3), -1); // leaves 10 to 12
  const reservation = event("username.reserved");
  await store.append("username-hidden", [reservation], -1); // leaf 13
  for (let batch = 0; batch < 20; batch += 1) await store.append(`stream-${batch}`, times(10), -1); // 14 to 213
  await keep();
  const gone = await store.read("grant-gone", { direction: "forwards", limit: 100 });
  const archived = await createFileArchive(archive, { now: () => begin }).write(
    (async function* () {
      yield* gone;
    })(),
  );
  const streams = [{ stream: "grant-gone", revision: 9, events: 10 }];
  await store.append("retention", [event("retention.applied", { streams, archive: archived, at: 0 })], -1); // 214
  const user = { userId: "u_1", scopes: [], epoch: 1, status: "erased", erasedAt: 0 };
  const erasure = {
    ...{ user, removed: [{ stream: "user-u_1", revision: 2 }], reservation: reservation.id },
    ...{ positions: ["11"], completedAt: null },
  };
  await store.append("erasure-u_1", [event("erasure.requested", { erasure })], -1); // leaf 215
  await store.softDelete("grant-gone", 9);
  await store.tombstone("user-u_1", 2);
  await store.tombstone("username-hidden", 0);
  for (let batch = 20; batch < 40; batch += 1) await store.append(`stream-${batch}`, times(10), -1); // 216 to 415
  await keep();
  await store.append("last", times(10), -1); // leaves 416 to 425
}

/**
 * A log whose first 14 events were removed for good reason, with 426 kept leaves: checkpoint 1 covers 214, checkpoint 2
 * covers 416. Two more events are not kept yet.
 */
export async function buildWorld(folder: string): Promise<World> {
  mkdirSync(folder, { recursive: true });
  let now = begin;
  const clock = { now: () => (now += 1_000) };
  const store = await openSqliteEventStore({ file: join(folder, "log.db"), clock });
  const leaves = openKeptLeaves(join(folder, "checkpoints", "leaves.db"));
  const proof = {
    ...{ store, leaves, clock, checkpoints: createCheckpointFiles(join(folder, "checkpoints")) },
    keys: createCheckpointKeys(ring, originOf(store.logId)),
    warn: () => undefined,
  };
  await fill(store, join(folder, "archive"), async () => void (await makeCheckpoint(proof)));
  await keepLeaves(proof);
  await store.append("later", [event("test.happened"), event("test.happened")], -1);
  await leaves.close();
  await store.close();
  return worldIn(folder);
}
