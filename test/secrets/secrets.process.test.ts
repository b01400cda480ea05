import { join } from "node:path";
import { expect, it } from "vitest";
import { startEventStoreDouble } from "../support/eventstore-double/index.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { freshSecret } from "./deployment.ts";
import { filesUnder, rowsOf, valuesOf } from "./places.ts";
import { type Run, startRun } from "./run.ts";
import { leaksOf, type Place } from "./search.ts";

/** Everything that clients, people and strangers do. */
async function goThrough({ walk }: Run): Promise<void> {
  await walk.signIn();
  const client = await walk.register();
  await walk.replay(client);
  await walk.refresh(client);
  await walk.machines();
  await walk.administer();
  await walk.tools(client);
  await walk.misplace(client);
}

/** The places where something that may be known is found: that the search would find a secret there too. */
const seenIn = (value: string, places: readonly Place[]): readonly string[] =>
  leaksOf([{ name: "it", value }], places).map((found) => found.slice("it in ".length));

/** Milliseconds: several processes start and end one after another. */
const timeout = 90_000;

it(
  "no secret and no personal field is left in clear by the embedded engines (I12)",
  async () => {
    await using run = await startRun();
    await goThrough(run);
    const { cli, dataDir, ledger, machine, walk } = run;
    const badSettings = { name: freshSecret(), key: freshSecret() };
    ledger.secret("password in a wrong setting", badSettings.name);
    ledger.secret("master key in a wrong setting", badSettings.key);
    const [rotated] = await Promise.all([
      cli(["client", "rotate-secret", machine.id, "--json"]),
      cli(["keys", "rotate", "--force"]),
      cli(["projector", "status"], "", {
        DACAPO_REDIS_URL: `redis://:${badSettings.name}@127.0.0.1:no-port`,
        DACAPO_EVENTSTORE_URL: `http://admin:${badSettings.name}@127.0.0.1`,
        DACAPO_MASTER_KEY: `${badSettings.key}:1`,
      }),
    ]);
    ledger.secret("rotated client secret", JSON.parse(rotated.stdout).client_secret);
    // Commands carry the write-ahead log into its database: this is in no other place yet.
    await walk.recover();
    const crashed = await run.crash();
    await walk.recover();
    await walk.signOut();
    const told = await Promise.all([
      cli(["audit", "export", "--format", "ocsf", "--out", join(dataDir, "export.ocsf")]),
      cli(["audit", "stats", "--html", join(dataDir, "report.html")]),
      cli(["audit", "timeline", "--client", machine.id, "--json"]),
    ]);
    expect(told.map(({ code }) => code)).toEqual([0, 0, 0]);
    const files = await run.end();
    const left = [
      ...crashed,
      ...files,
      ...["log.db", "read-models.db", "audit.db"].map((name) => rowsOf(join(dataDir, name))),
    ];
    expect(ledger.leaks(left)).toEqual([]);

    const seen = seenIn(machine.id, left);
    for (const place of [
      "log.db",
      "rows of log.db",
      "rows of read-models.db",
      "rows of audit.db",
      "export.ocsf",
      "report.html",
      "log.db-wal after the crash",
      "output",
    ])
      expect(seen).toContain(place);
    expect(seen).toContainEqual(expect.stringMatching(/^archive\//));
  },
  timeout,
);

it(
  "nor by Redis and EventStoreDB, also where they fail",
  async () => {
    const [redisPassword, storePassword] = [freshSecret(), freshSecret()];
    const config = ["appendonly yes", "aof-use-rdb-preamble no", "rdbcompression no"];
    await using redis = await startRedisServer({ password: redisPassword, config });
    await using store = await startEventStoreDouble();
    await using run = await startRun({
      DACAPO_REDIS_URL: redis.url,
      DACAPO_EVENTSTORE_URL: store.url.replace("//", `//admin:${storePassword}@`),
    });
    await goThrough(run);
    const { ledger, machine, walk } = run;
    await redis.stop();
    await walk.fail();
    await redis.start();
    await walk.recover();
    await store.stop();
    await walk.fail();
    await store.start();
    await walk.recover();
    const values = await valuesOf(redis);
    await redis.call("SAVE");
    const [, folder] = (await redis.call("CONFIG", "GET", "dir")) as [string, string];
    const files = filesUnder(folder).filter(({ name }) => name !== "redis.conf");
    const left = [values, ...files, ...(await run.end())];
    expect(ledger.leaks(left)).toEqual([]);

    const seen = seenIn(machine.id, left);
    for (const place of ["Redis", "dump.rdb", "the log", "output"]) expect(seen).toContain(place);
    expect(seen).toContainEqual(expect.stringMatching(/^appendonlydir\/.*\.aof$/));
  },
  timeout,
);
