import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compare, type Difference } from "../../../application/audit/replay/compare.ts";
import { createReference } from "../../../application/audit/replay/compare-reference.ts";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import { generation } from "../../../application/projections/index.ts";
import type { DomainEvent } from "../../../domain/decider.ts";
import { systemClock as clock } from "../../../infrastructure/clock.ts";
import { openRedisReadModels } from "../../../infrastructure/read-models/redis/index.ts";
import { openSqliteReadModels } from "../../../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { openProjection, type Projection, user } from "../../support/projection.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { session as sessionAt, sessions, started } from "../../support/session-events.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const metadata = { actor: "system", correlationId: "test" };
const hash = "h".repeat(43);

let projection: Projection;
let folder: ReturnType<typeof temporaryFolder>;
let live: ReadModels;
beforeEach(async () => {
  projection = await openProjection();
  folder = temporaryFolder();
  live = openSqliteReadModels({
    file: join(folder.path, "live.db"),
    logId: projection.store.logId,
    generation,
  });
});
afterEach(async () => {
  await live.close();
  await projection[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const registered = (userId: string): DomainEvent => ({
  type: "user.registered",
  data: { user: { ...user(0), userId } },
});

const append = (stream: string, revision: number, ...events: readonly DomainEvent[]) =>
  projection.log.append(stream, events, revision - 1, metadata);

/** Three users and a live session of one of them, all projected. */
async function filled(models: ReadModels = live): Promise<void> {
  for (const userId of ["u_1", "u_2", "u_ß"]) await append(`user-${userId}`, 0, registered(userId));
  const one = { ...sessionAt("s1", 0), secretHash: hash };
  await append("sessions-ada", 0, started(one, sessions([one])));
  await projection.projector(models).catchUp(await projection.store.lastPosition());
}

async function compared(models: ReadModels = live) {
  const scratch = openSqliteReadModels({ file: ":memory:", logId: projection.store.logId, generation });
  const found: Difference[] = [];
  try {
    const reference = createReference(projection.store, scratch);
    const comparison = await compare({ reference, live: models, clock }, (difference) =>
      found.push(difference),
    );
    expect(comparison.differences).toBe(found.length);
    return { ...comparison, found };
  } finally {
    await scratch.close();
  }
}

/** Changes the file of the live read models behind their back. */
function tamper(sql: string, ...values: readonly string[]): void {
  const db = new DatabaseSync(join(folder.path, "live.db"));
  db.exec("PRAGMA foreign_keys = ON");
  db.prepare(sql).run(...values);
  db.close();
}

const setUser = (document: string) =>
  tamper("UPDATE documents SET data = ? WHERE collection = 'users' AND id = 'u_2'", document);

describe("live read models that are what the log says", () => {
  it("differ in nothing", async () => {
    await filled();
    const { found, compared: counts, indexValues, position } = await compared();
    expect(found).toEqual([]);
    expect(Object.fromEntries(counts)).toMatchObject({ users: 3, sessions: 1, grants: 0 });
    expect(indexValues).toBe(2);
    expect(position).toBe(await projection.store.lastPosition());
  });

  it("may be behind the end of the log", async () => {
    await filled();
    await append("user-u_4", 0, registered("u_4"));
    expect((await compared()).found).toEqual([]);
  });

  it("may have lost documents that expired, and only those", async () => {
    const completedAt = (days: number) => Date.now() - days * 86_400_000;
    const closed = (id: string, days: number) => ({
      type: "closure.completed",
      data: { closure: { what: "user", id, epoch: 1, grants: 0, completedAt: completedAt(days) } },
    });
    await append("closure-user-old-1", 0, closed("old", 2));
    await append("closure-user-new-1", 0, closed("new", 0));
    await projection.projector(live).catchUp(await projection.store.lastPosition());
    tamper("DELETE FROM documents WHERE collection = 'closures'");
    expect((await compared()).found).toMatchObject([{ kind: "missing", id: "user-new-1" }]);
  });

  it("may move on all the while", async () => {
    await filled();
    let next = 0;
    let isMoving = false;
    const moving: ReadModels = {
      ...live,
      async listUnfinished(collection, query) {
        // Whatever is read, something has happened just before.
        if (next < 30 && !isMoving) {
          isMoving = true;
          await append(`user-m${next}`, 0, registered(`m${next}`));
          await append("user-u_1", next + 1, {
            type: "user.password_changed",
            data: { user: user(next + 1), at: next },
          });
          next += 1;
          await projection.projector(live).catchUp(await projection.store.lastPosition());
          isMoving = false;
        }
        return await live.listUnfinished(collection, query);
      },
    };
    expect((await compared(moving)).found).toEqual([]);
    expect(next).toBeGreaterThan(5);
  });
});

describe("what somebody did to the live read models", () => {
  it.each([
    [
      "a changed member",
      { ...user(0), userId: "u_2", epoch: 7 },
      [{ path: "epoch", folded: "0", live: "7" }],
    ],
    [
      "a member in a list",
      { ...user(0), userId: "u_2", scopes: ["read", "admin"] },
      [{ path: "scopes[1]", folded: "nothing", live: '"admin"' }],
    ],
    [
      "a hash, which is not shown whole",
      { ...user(0), userId: "u_2", usernameIndex: "x".repeat(43) },
      [{ path: "usernameIndex", folded: '"iiiiiiii…"', live: '"xxxxxxxx…"' }],
    ],
    [
      "a member more",
      { ...user(0), userId: "u_2", more: 1 },
      [{ path: "more", folded: "nothing", live: "1" }],
    ],
  ])("shows: %s", async (_, document, members) => {
    await filled();
    setUser(JSON.stringify(document));
    expect((await compared()).found).toEqual([
      { kind: "different", collection: "users", id: "u_2", members },
    ]);
  });

  it("shows where it is no JSON any more, and what else differs there", async () => {
    await filled();
    setUser("{");
    tamper("UPDATE documents SET data = '{}' WHERE id = 'u_ß'");
    const { found } = await compared();
    expect(found).toMatchObject([
      { kind: "unreadable", id: "u_2" },
      { kind: "different", id: "u_ß" },
    ]);
  });

  it("shows where a document was removed or added", async () => {
    await filled();
    tamper("DELETE FROM documents WHERE id IN ('u_1', 's1')");
    tamper("INSERT INTO documents VALUES (1, 'users', 'u_3', '{}', NULL)");
    const { found } = await compared();
    expect(found).toEqual([
      { kind: "missing", collection: "sessions", id: "s1", members: [] },
      { kind: "missing", collection: "users", id: "u_1", members: [] },
      { kind: "extra", collection: "users", id: "u_3", members: [] },
    ]);
  });

  it("shows where an index leads elsewhere", async () => {
    await filled();
    tamper("UPDATE index_entries SET value = 'eve' WHERE name = 'user' AND id = 's1'");
    tamper("INSERT INTO documents VALUES (1, 'sessions', 's2', '{}', NULL)");
    tamper("INSERT INTO index_entries VALUES (1, 'sessions', 'user', 'ada', 's2')");
    const { found } = await compared();
    expect(found.filter(({ index }) => index === "user=ada")).toMatchObject([
      { kind: "not_found_by", collection: "sessions", id: "s1" },
      { kind: "wrongly_found_by", collection: "sessions", id: "s2" },
    ]);
  });

  it("shows in a real Redis exactly", async () => {
    await using redis = await startRedisServer();
    const { logId } = projection.store;
    const models = await openRedisReadModels({ url: redis.url, logId, generation });
    try {
      await filled(models);
      expect((await compared(models)).found).toEqual([]);
      const [key = ""] = (await redis.call("KEYS", "*:users/u_2")) as string[];
      const tamper =
        "redis.call('SET', KEYS[1], (string.gsub(redis.call('GET', KEYS[1]), 'active', 'locked')))";
      await redis.call("EVAL", tamper, 1, key);
      expect((await compared(models)).found).toEqual([
        {
          kind: "different",
          collection: "users",
          id: "u_2",
          members: [{ path: "status", folded: '"active"', live: '"locked"' }],
        },
      ]);
    } finally {
      await models.close();
    }
  });
});
