import { copyFileSync, existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { EventStore, StoredEvent } from "../../application/ports/event-store.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { Place } from "./search.ts";

/** Every file under a folder, byte by byte, as it lies there now. */
export function filesUnder(folder: string): readonly Place[] {
  return globSync("**/*", { cwd: folder })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ name: relative(folder, path), bytes: readFileSync(path) }));
}

const textOf = (value: unknown): Buffer =>
  value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));

/** Every value of a SQLite database: in the file itself a long one is cut into pieces that lie apart. */
export function rowsOf(file: string): Place {
  using folder = temporaryFolder();
  const copy = join(folder.path, basename(file));
  for (const suffix of ["", "-wal"])
    if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
  const db = new DatabaseSync(copy);
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    const values = tables.flatMap(({ name }) => {
      const rows = db.prepare(`SELECT * FROM "${name}"`);
      rows.setReadBigInts(true);
      return rows.all().flatMap((row) => Object.values(row).map(textOf));
    });
    return { name: `rows of ${basename(file)}`, bytes: joined(values) };
  } finally {
    db.close();
  }
}

const joined = (parts: readonly Buffer[]): Buffer =>
  Buffer.concat(parts.flatMap((part) => [part, Buffer.from("\n")]));

const readers: Readonly<Record<string, readonly [command: string, ...rest: string[]]>> = {
  string: ["GET"],
  hash: ["HGETALL"],
  list: ["LRANGE", "0", "-1"],
  set: ["SMEMBERS"],
  zset: ["ZRANGE", "0", "-1", "WITHSCORES"],
  stream: ["XRANGE", "-", "+"],
};

/** Every key and value of a Redis. */
export async function valuesOf(redis: RedisServer): Promise<Place> {
  const keys = (await redis.callBytes("KEYS", "*")) as readonly Buffer[];
  const values = await Promise.all(
    keys.map(async (key) => {
      const type = (await redis.call("TYPE", key)) as string;
      const reader = readers[type];
      if (!reader) throw new Error(`nothing here reads a ${type}`);
      const [command, ...rest] = reader;
      return [key, ...bytesIn(await redis.callBytes(command, key, ...rest))];
    }),
  );
  return { name: "Redis", bytes: joined(values.flat()) };
}

/** All bytes of an answer, however deep they lie. */
const bytesIn = (answer: unknown): readonly Buffer[] =>
  Array.isArray(answer) ? answer.flatMap(bytesIn) : [textOf(answer)];

/** Every event of a log. */
export async function eventsOf(
  store: Pick<EventStore, "readAll">,
): Promise<{ readonly events: readonly StoredEvent[]; readonly place: Place }> {
  const events = await store.readAll(0n, 10_000);
  const lines = events.map((event) => JSON.stringify({ ...event, position: String(event.position) }));
  return { events, place: { name: "the log", bytes: Buffer.from(lines.join("\n")) } };
}
