import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { startRedisServer } from "../support/redis-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { Ledger } from "./ledger.ts";
import { filesUnder, rowsOf, valuesOf } from "./places.ts";
import { leaksOf, type Place } from "./search.ts";

/** With what each of the encodings changes. */
const secret = { name: "planted", value: 'correct+horse/"battery" staple=1ä' };

const foundIn = (bytes: Buffer | string): boolean =>
  leaksOf([secret], [{ name: "place", bytes: Buffer.from(bytes as string) }]).length === 1;

const found = (places: readonly Place[]): readonly string[] => leaksOf([secret], places);

describe("the search", () => {
  const { value } = secret;
  const hex = Buffer.from(value).toString("hex");

  it.each([
    ["as it is", `before ${value} after`],
    ["in a query", `?token=${encodeURIComponent(value)}&x=1`],
    ["in a form", String(new URLSearchParams({ token: value, x: "1" }))],
    ["percent-encoded byte by byte", hex.replaceAll(/../g, "%$&")],
    ["in JSON", JSON.stringify({ token: value })],
    ["as hex", hex],
    ["as upper-case hex", hex.toUpperCase()],
    ["as UTF-16", Buffer.from(`x${value}x`, "utf16le")],
    ...["", "i", "id", "id:"].flatMap((before) =>
      (["base64", "base64url"] as const).map((encoding) => [
        `as ${encoding} after ${before.length} bytes`,
        Buffer.from(`${before}${value}:after`).toString(encoding),
      ]),
    ),
  ] as readonly (readonly [string, Buffer | string])[])("finds what was planted %s", (_, bytes) => {
    expect(foundIn(bytes)).toBe(true);
  });

  it("finds nothing in what holds a part of it only", () => {
    expect(foundIn(value.slice(1))).toBe(false);
    expect(foundIn(Buffer.from(value.slice(1)).toString("base64"))).toBe(false);
  });

  it("finds raw bytes as they are and encoded", () => {
    const key = { name: "key", value: Buffer.from(Array.from({ length: 32 }, (_, n) => 255 - n)) };
    for (const encoding of ["latin1", "hex", "base64", "base64url"] as const) {
      const bytes = Buffer.from(key.value.toString(encoding), encoding === "latin1" ? "latin1" : "utf8");
      expect(leaksOf([key], [{ name: encoding, bytes }])).toEqual([`key in ${encoding}`]);
    }
  });
});

describe("the places", () => {
  it("are all files of a folder, at any depth", async () => {
    using folder = temporaryFolder();
    await mkdir(join(folder.path, "archive", "deep"), { recursive: true });
    writeFileSync(join(folder.path, "archive", "deep", "events.ndjson"), secret.value);
    writeFileSync(join(folder.path, "innocent"), "nothing");
    expect(found(filesUnder(folder.path))).toEqual(["planted in archive/deep/events.ndjson"]);
  });

  it("are all values of a database, also one that is cut into pages and stands in the write-ahead log only", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "some.db");
    const db = new DatabaseSync(file);
    db.exec("PRAGMA journal_mode = wal; CREATE TABLE t (a TEXT, b BLOB)");
    const add = db.prepare("INSERT INTO t VALUES (?, ?)");
    // Whatever the size of a page, one of these is cut in the middle of the secret.
    for (let before = 0; before < 40; before += 1)
      add.run(`${"x".repeat(8_000 + before * 10)}${secret.value}`, Buffer.from(secret.value));
    expect(found([rowsOf(file)])).toEqual(["planted in rows of some.db"]);
    db.close();
  });

  it("are all keys and values of Redis, of every type that is used", async () => {
    await using redis = await startRedisServer();
    const commands = [
      ["SET", "key", secret.value],
      ["SET", secret.value, "value"],
      ["HSET", "key", "field", secret.value],
      ["RPUSH", "key", secret.value],
      ["SADD", "key", secret.value],
      ["ZADD", "key", "1", secret.value],
      ["XADD", "key", "*", "field", secret.value],
    ] as const;
    for (const [command, ...args] of commands) {
      await redis.call("FLUSHALL");
      await redis.call(command, ...args);
      expect(found([await valuesOf(redis)]), command).toEqual(["planted in Redis"]);
    }
  });
});

describe("the ledger", () => {
  it("holds an answer against a secret only after the one that handed it out, or that is meant for it", () => {
    const ledger = new Ledger();
    ledger.output("handed out", secret.value);
    ledger.secret(secret.name, secret.value, /^page$/);
    ledger.output("page", secret.value);
    expect(ledger.leaks([])).toEqual([]);
    ledger.output("error", `Unknown token ${secret.value}`);
    expect(ledger.leaks([])).toEqual(["planted in error"]);
  });

  it("refuses what is too short to be told from chance", () => {
    expect(() => new Ledger().secret("password", "password")).toThrow("no secret");
  });
});
