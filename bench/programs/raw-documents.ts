/**
 * How many documents a second go into SQLite by bare inserts of the rows that a rebuild leaves, 1,000 a transaction, or into
 * Redis by one bare script of 500 after another.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Redis } from "ioredis";
import { v7 as uuidv7 } from "uuid";
import { schema } from "../../infrastructure/read-models/sqlite/schema.ts";
import { answer } from "./answer.ts";
import { ownFolder } from "./folder.ts";
import { grantEvent } from "./grant-event.ts";

const count = 20_000;
const { BENCH_REDIS_URL: redisUrl } = process.env;
const { grant } = grantEvent(uuidv7()).data as { grant: Record<string, unknown> };
const documents = Array.from({ length: count }, () => {
  const id = uuidv7();
  return { id, text: JSON.stringify({ ...grant, grantId: id }) };
});

function intoSqlite(): void {
  const db = new DatabaseSync(join(ownFolder(), `rows-${uuidv7()}.db`));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${schema}`);
  db.exec("INSERT INTO builds VALUES (1, 'log', 'generation', 'live', 0, 0, 0)");
  const insert = db.prepare("INSERT INTO documents VALUES (1, 'grants', ?, ?, ?)");
  const enter = db.prepare("INSERT INTO index_entries VALUES (1, 'grants', 'client', ?, ?)");
  for (let from = 0; from < count; from += 1_000) {
    db.exec("BEGIN IMMEDIATE");
    for (const { id, text } of documents.slice(from, from + 1_000)) {
      insert.run(id, text, Number(grant.expiresAt));
      enter.run(String(grant.clientId), id);
    }
    db.exec("COMMIT");
  }
  db.close();
}

const script = "for n = 1, #KEYS do redis.call('SET', KEYS[n], ARGV[n]) end return #KEYS";

async function intoRedis(redis: Redis): Promise<void> {
  const underWay: Promise<unknown>[] = [];
  for (let from = 0; from < count; from += 500) {
    const batch = documents.slice(from, from + 500);
    const keys = batch.map(({ id }) => `raw:${id}`);
    underWay.push(redis.eval(script, keys.length, ...keys, ...batch.map(({ text }) => text)));
  }
  await Promise.all(underWay);
}

const redis = redisUrl === undefined ? undefined : new Redis(redisUrl);

answer(
  async () => {
    const start = performance.now();
    if (redis) await intoRedis(redis);
    else intoSqlite();
    return count / ((performance.now() - start) / 1_000);
  },
  async () => redis?.disconnect(),
);
